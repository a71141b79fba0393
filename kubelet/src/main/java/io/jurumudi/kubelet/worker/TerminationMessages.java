package io.jurumudi.kubelet.worker;

import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.Mount;
import io.jurumudi.kubelet.log.LogTail;
import io.jurumudi.kubelet.pod.KubeletLabels;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an ended container left as its last words (upstream's getTerminationMessage). */
final class TerminationMessages {
  private static final int MAX_BYTES = 4096;

  private TerminationMessages() {}

  static String of(ContainerStatus c) {
    String path = c.annotations().getOrDefault(KubeletLabels.TERMINATION_MESSAGE_PATH, "");
    String policy = c.annotations().getOrDefault(KubeletLabels.TERMINATION_MESSAGE_POLICY, "");
    String message = "";
    for (Mount m : c.mounts()) {
      if (!path.isEmpty() && m.containerPath().equals(path)) {
        message = read(Path.of(m.hostPath()));
      }
    }
    boolean fallback =
        policy.equals("FallbackToLogsOnError")
            && c.exitCode() != 0
            && !c.reason().equals("ContainerCannotRun");
    if (message.isEmpty() && fallback) {
      message = LogTail.lastWords(Path.of(c.logPath()));
    }
    if (c.message().isEmpty() || message.isEmpty()) {
      return c.message() + message;
    }
    return c.message() + ": " + message;
  }

  private static String read(Path path) {
    if (!Files.isRegularFile(path)) {
      return "";
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long size = file.length();
      byte[] bytes = new byte[(int) Math.min(size, MAX_BYTES)];
      file.seek(size - bytes.length);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "Error on reading termination log " + path + ": " + e.getMessage();
    }
  }
}
