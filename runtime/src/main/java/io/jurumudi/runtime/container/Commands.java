package io.jurumudi.runtime.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs programs of the host and collects what they print. */
final class Commands {
  private static final int MAX_OUTPUT = 1 << 20;

  private Commands() {}

  /** Exit code and output, at most 1 MiB of each kind. */
  record Output(int exitCode, String stdout, String stderr) {}

  /**
   * @throws IOException when it cannot be started or takes longer than {@code limit}
   */
  static Output run(List<String> command, Path directory, Duration limit) throws IOException {
    Process p = new ProcessBuilder(command).directory(directory.toFile()).start();
    return collect(p, limit, command.getFirst());
  }

  static Output collect(Process p, Duration limit, String what) throws IOException {
    try {
      p.getOutputStream().close();
      CompletableFuture<String> out = new CompletableFuture<>();
      CompletableFuture<String> err = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> read(p.getInputStream(), out));
      Thread.ofVirtual().start(() -> read(p.getErrorStream(), err));
      if (!p.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        p.destroyForcibly();
        throw new IOException(what + " took longer than " + limit.toSeconds() + " s");
      }
      return new Output(p.exitValue(), out.join(), err.join());
    } catch (InterruptedException e) {
      p.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + what, e);
    }
  }

  private static void read(InputStream in, CompletableFuture<String> to) {
    try (in) {
      byte[] b = in.readNBytes(MAX_OUTPUT);
      in.transferTo(OutputStream.nullOutputStream());
      to.complete(new String(b, StandardCharsets.UTF_8));
    } catch (IOException e) {
      to.complete("");
    }
  }
}
