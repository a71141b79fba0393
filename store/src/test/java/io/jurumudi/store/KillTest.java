package io.jurumudi.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes on a real disk, killed with SIGKILL in the middle of their writes. {@code
 * -Djurumudi.store.kills=300} kills more of them.
 */
final class KillTest {
  private static final int WRITERS = 4;
  private static final int KILLS = Integer.getInteger("jurumudi.store.kills", 12);

  @TempDir Path directory = Path.of("");

  /** The process that is killed: writes, and tells after each commit what it committed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws Exception {
      ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
      ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
      StoreConfig config = StoreConfig.of(executor, timer).withSnapshotBytes(200_000);
      LogStore store = LogStore.open(Path.of(args[0]), config);
      PrintStream out = System.out;
      Thread[] threads = new Thread[WRITERS];
      for (int w = 0; w < WRITERS; w++) {
        int writer = w;
        threads[w] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (long n = number(store, "/left/" + writer) + 1; ; n++) {
                        byte[] value = StoreContract.bytes(n + "-" + "x".repeat((int) (n % 3000)));
                        store.commit(
                            Txn.of(
                                Op.put("/left/" + writer, value),
                                Op.put("/right/" + writer, value),
                                Op.put("/many/" + writer + "/" + n % 50, value)));
                        synchronized (out) {
                          out.println(writer + " " + n);
                          out.flush();
                        }
                      }
                    });
      }
      threads[0].join();
    }
  }

  private static long number(Store store, String key) {
    return store
        .get(key)
        .map(item -> Long.parseLong(StoreContract.text(item).replaceFirst("-.*", "")))
        .orElse(0L);
  }

  @Test
  void killedProcessesLoseNothingThatTheyTold() throws Exception {
    Random random = new Random(7);
    long[] told = new long[WRITERS];
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int kill = 0; kill < KILLS; kill++) {
        runAndKill(told, 1 + random.nextInt(400));
        try (Store store =
            LogStore.open(directory.resolve("data"), StoreConfig.of(executor, timer))) {
          for (int w = 0; w < WRITERS; w++) {
            long left = number(store, "/left/" + w);
            assertThat(left).isEqualTo(number(store, "/right/" + w));
            assertThat(left).isBetween(told[w], told[w] + 1);
            assertThat(number(store, "/many/" + w + "/" + left % 50)).isEqualTo(left);
            told[w] = left;
          }
        }
      }
      timer.shutdownNow();
    }
    assertThat(told).doesNotContain(0);
  }

  /** Lets the process tell of {@code commits} commits, kills it, and reads the rest. */
  private void runAndKill(long[] told, int commits) throws Exception {
    Process victim =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Victim.class.getName(),
                    directory.resolve("data").toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader lines = victim.inputReader()) {
      for (int line = 0; line < commits; line++) {
        note(told, lines.readLine());
      }
      // By its handle: Process.destroyForcibly would also close the pipe that is still to be read.
      victim.toHandle().destroyForcibly();
      lines.lines().forEach(line -> note(told, line));
    } catch (UncheckedIOException e) {
      // The pipe broke with the process.
    } catch (IOException e) {
      throw new IllegalStateException("the process ended by itself", e);
    } finally {
      victim.destroyForcibly();
      assertThat(victim.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void note(long[] told, @Nullable String line) {
    assertThat(line).as("the process lives").isNotNull();
    if (line != null && line.matches("[0-9]+ [0-9]+")) {
      String[] parts = line.split(" ", -1);
      int writer = Integer.parseInt(parts[0]);
      told[writer] = Math.max(told[writer], Long.parseLong(parts[1]));
    }
  }
}
