package io.jurumudi.controllers.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.controllers.garbage.DependencyGraph.Member;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DependencyGraphTest {
  private final DependencyGraph graph = new DependencyGraph();

  private static Member member(String uid, String... owners) {
    return new Member(
        Resources.CONFIGMAPS,
        ConfigMap.builder()
            .metadata(
                m ->
                    m.name(uid)
                        .uid(uid)
                        .ownerReferences(
                            Arrays.stream(owners)
                                .map(o -> OwnerReference.builder().uid(o).build())
                                .toList()))
            .build());
  }

  private List<String> dependents(String uid) {
    return graph.dependents(uid).stream().map(Member::uid).sorted().toList();
  }

  @Test
  void knowsDependentsWhicheverComesFirst() {
    graph.put(member("child", "parent"));
    assertThat(dependents("parent")).containsExactly("child");
    graph.put(member("parent"));
    graph.put(member("other", "parent", "child"));
    assertThat(dependents("parent")).containsExactly("child", "other");
    assertThat(dependents("child")).containsExactly("other");
  }

  @Test
  void followsChangesOfOwners() {
    graph.put(member("child", "a"));
    assertThat(graph.put(member("child", "b"))).isPresent();
    assertThat(dependents("a")).isEmpty();
    assertThat(dependents("b")).containsExactly("child");
    graph.remove("child");
    assertThat(dependents("b")).isEmpty();
    assertThat(graph.get("child")).isEmpty();
  }

  @Test
  void dependentsOutliveTheirOwnerHere() {
    graph.put(member("parent"));
    graph.put(member("child", "parent"));
    graph.remove("parent");
    assertThat(dependents("parent")).containsExactly("child");
  }
}
