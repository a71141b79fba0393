package io.jurumudi.cluster.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCheckTest {
  private static final HostFacts GOOD =
      new HostFacts(
          true,
          "6.1",
          List.of("proc", "overlay", "ext4"),
          List.of("cpu", "memory", "pids"),
          List.of(),
          Optional.empty(),
          Optional.empty());

  private static HostFacts bad(boolean root, List<String> files, List<String> groups) {
    return new HostFacts(
        root, "6.1", files, groups, List.of("crun"), Optional.of(6443), Optional.of("/x is full"));
  }

  @Test
  void findsNothingWrongWithAGoodMachine() {
    assertThat(HostCheck.problems(GOOD)).isEmpty();
  }

  @Test
  void saysEverythingThatIsWrongAtOnceAndWhatToDo() {
    List<Problem> problems =
        HostCheck.problems(bad(false, List.of("proc"), List.of("cpu", "memory")));
    assertThat(problems).allMatch(p -> !p.what().isBlank() && !p.remedy().isBlank());
    assertThat(String.join("\n", problems.stream().map(Problem::toString).toList()))
        .contains("root")
        .contains("overlay")
        .contains("pids")
        .contains("crun")
        .contains("6443")
        .contains("/x is full");
    assertThat(problems).hasSize(6);
  }

  @Test
  void looksWithoutChangingAnything(@TempDir Path directory) throws Exception {
    Path data = directory.resolve("not/yet/there");
    HostFacts facts = HostFacts.look(0, data);
    assertThat(facts.dataProblem()).isEmpty();
    assertThat(facts.takenPort()).isEmpty();
    assertThat(data).doesNotExist();
    assertThat(directory).isEmptyDirectory();

    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(HostFacts.look(0, file.resolve("below")).dataProblem())
        .hasValueSatisfying(problem -> assertThat(problem).contains(file.toString()));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(HostFacts.look(taken.getLocalPort(), data).takenPort())
          .hasValue(taken.getLocalPort());
    }
  }
}
