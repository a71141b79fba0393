package io.jurumudi.controllers.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.controllers.TestPods;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RevisionsTest {
  private static final DaemonSet OWNER =
      DaemonSet.builder().metadata(m -> m.name("agent").namespace("default").uid("d")).build();

  private static ControllerRevision revision(PodTemplateSpec template, long number) {
    return Revisions.draft(
        Resources.DAEMONSETS, OWNER, template, Revisions.HASH_LABEL, number, null);
  }

  @Test
  void holdsATemplateAsThePatchThatBringsItBack() {
    PodTemplateSpec template = TestPods.template("agent:1");
    ControllerRevision revision = revision(template, 1);
    assertThat(Revisions.template(revision)).isEqualTo(template);
    assertThat(String.valueOf(revision.data()))
        .startsWith("{\"spec\":{\"template\":{\"$patch\":\"replace\",");
    assertThat(revision.metadata().name())
        .isEqualTo("agent-" + revision.metadata().labels().get(Revisions.HASH_LABEL));
  }

  @Test
  void anotherNameIsTriedAfterACollision() {
    PodTemplateSpec template = TestPods.template("agent:1");
    assertThat(Revisions.draft(Resources.DAEMONSETS, OWNER, template, "h", 1, 1).metadata().name())
        .isNotEqualTo(
            Revisions.draft(Resources.DAEMONSETS, OWNER, template, "h", 1, 0).metadata().name());
  }

  @Test
  void theOldestUnusedRevisionsAreSurplus() {
    List<ControllerRevision> old = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      old.add(revision(TestPods.template("agent:" + i), i));
    }
    assertThat(Revisions.surplus(old, 2, r -> r.revision() == 1))
        .extracting(ControllerRevision::revision)
        .containsExactly(2L, 3L, 4L);
    assertThat(Revisions.surplus(old, 10, r -> false)).isEmpty();
  }
}
