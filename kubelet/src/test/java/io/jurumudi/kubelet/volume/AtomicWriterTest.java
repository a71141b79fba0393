package io.jurumudi.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // A null where none is expected fails the test.
class AtomicWriterTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
  @TempDir Path directory;

  private static ProjectedFile file(String text, int mode) {
    return new ProjectedFile(text.getBytes(StandardCharsets.UTF_8), mode, null);
  }

  private boolean write(Map<String, ProjectedFile> files) throws IOException {
    return new AtomicWriter(directory, null).write(files, T);
  }

  @Test
  void replacesAllFilesAtOnce() throws IOException {
    assertThat(write(Map.of("a", file("1", 0644), "sub/b", file("2", 0400)))).isTrue();
    assertThat(directory.resolve("a")).isSymbolicLink().hasContent("1");
    assertThat(directory.resolve("sub/b")).hasContent("2");
    assertThat(Files.getAttribute(directory.resolve("sub/b"), "unix:mode")).isEqualTo(0100400);
    Path before = Files.readSymbolicLink(directory.resolve("..data"));

    assertThat(write(Map.of("a", file("1", 0644), "sub/b", file("2", 0400)))).isFalse();
    assertThat(Files.readSymbolicLink(directory.resolve("..data"))).isEqualTo(before);

    assertThat(write(Map.of("a", file("3", 0644)))).isTrue();
    assertThat(directory.resolve("a")).hasContent("3");
    assertThat(directory.resolve("sub")).doesNotExist();
    try (Stream<Path> left = Files.list(directory)) {
      // ..data, its directory, and a.
      assertThat(left).hasSize(3);
    }
    assertThat(write(Map.of("a", file("3", 0600)))).as("another mode is a change").isTrue();
  }

  @Test
  void mendsWhatAKilledWriterLeft() throws IOException {
    write(Map.of("a", file("1", 0644), "b", file("2", 0644)));
    Files.delete(directory.resolve("b"));
    Files.createDirectory(directory.resolve("..2026_01_01_00_00_00.000000000x"));
    assertThat(write(Map.of("a", file("1", 0644), "b", file("2", 0644)))).isFalse();
    assertThat(directory.resolve("b")).hasContent("2");
  }
}
