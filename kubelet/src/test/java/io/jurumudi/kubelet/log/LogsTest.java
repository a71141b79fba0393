package io.jurumudi.kubelet.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // A null where none is expected fails the test.
class LogsTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void write() throws IOException {
    log = directory.resolve("0.log");
    append(
        "2026-01-01T00:00:00.000000001Z stdout F one\n"
            + "2026-01-01T00:00:01Z stderr P two \n"
            + "2026-01-01T00:00:01Z stderr F and more\n"
            + "2026-01-01T00:00:02Z stdout F three\n");
  }

  private void append(String text) throws IOException {
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private String read(LogOptions options) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LogReader.read(log, options, () -> false, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void options() throws IOException {
    assertThat(read(LogOptions.ALL)).isEqualTo("one\ntwo and more\nthree\n");
    assertThat(read(new LogOptions(false, 1, null, false, -1, ""))).isEqualTo("three\n");
    assertThat(read(new LogOptions(false, 0, null, false, -1, ""))).isEmpty();
    assertThat(read(new LogOptions(false, 99, null, false, -1, "")))
        .isEqualTo("one\ntwo and more\nthree\n");
    assertThat(read(new LogOptions(false, -1, T.plusSeconds(2), false, -1, "")))
        .isEqualTo("three\n");
    assertThat(read(new LogOptions(false, 1, null, true, -1, "")))
        .isEqualTo("2026-01-01T00:00:02Z three\n");
    assertThat(read(new LogOptions(false, -1, null, false, 6, ""))).isEqualTo("one\ntw");
    assertThat(read(new LogOptions(false, -1, null, false, -1, "stderr")))
        .isEqualTo("two and more\n");
    assertThat(LogTail.lastWords(log)).isEqualTo("one\ntwo and more\nthree\n");
  }

  @Test
  void followsThroughARotationUntilTheContainerEnds() throws Exception {
    AtomicBoolean running = new AtomicBoolean(true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompletableFuture<Void> reader =
        CompletableFuture.runAsync(
            () -> {
              try {
                LogReader.read(
                    log, new LogOptions(true, 1, null, false, -1, ""), running::get, out);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await(out, "three\n");
    append("2026-01-01T00:00:03Z stdout F four\n");
    await(out, "three\nfour\n");
    boolean rotated = new LogRotation(10, 5).rotate(log, T, () -> {});
    assertThat(rotated).isTrue();
    append("2026-01-01T00:00:04Z stdout F five\n");
    running.set(false);
    reader.get(10, TimeUnit.SECONDS);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("three\nfour\nfive\n");
  }

  private static void await(ByteArrayOutputStream out, String text) throws InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(10));
    while (!out.toString(StandardCharsets.UTF_8).equals(text)) {
      assertThat(Instant.now()).as(out.toString(StandardCharsets.UTF_8)).isBefore(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void rotationKeepsSoManyFilesAndCompressesTheOlder() throws IOException {
    LogRotation rotation = new LogRotation(10, 3);
    for (int i = 0; i < 5; i++) {
      assertThat(rotation.rotate(log, T.plusSeconds(i), () -> {})).isTrue();
      append("2026-01-01T00:00:04Z stdout F again\n");
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("0.log", "0.log.20260101-000003.gz", "0.log.20260101-000004");
    }
    assertThat(new LogRotation(1000, 3).rotate(log, T, () -> {})).isFalse();
  }
}
