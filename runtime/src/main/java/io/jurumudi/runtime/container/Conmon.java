package io.jurumudi.runtime.container;

import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * conmon(8), the small program that stays with a container: it holds the container's streams,
 * writes the log in CRI's format, serves attach sockets, and at the end writes the exit code to a
 * file. It is not our child, so that containers live on when the engine ends.
 */
final class Conmon {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Runs conmon and hands its line about the container on. conmon writes that line after it has
   * detached itself; the shell waits for it, so that this is one process with one result.
   */
  private static final String WAIT_FOR_LINE =
      "_OCI_SYNCPIPE=3 \"$@\" 3>&1 >/dev/null </dev/null | { IFS= read -r l; printf %s \"$l\"; }";

  private final Linux linux;
  private final Path binary;
  private final Layout layout;

  Conmon(Linux linux, Path binary, Layout layout) {
    this.linux = linux;
    this.binary = binary;
    this.layout = layout;
  }

  /** A created container, waiting to be started. */
  record Created(ProcessId process, ProcessId monitor) {}

  /**
   * @param runtime command that acts as the OCI runtime; conmon appends {@code create …}
   * @param logFile empty: no log
   * @throws RuntimeServiceException with the OCI runtime's own message
   */
  Created create(
      String id,
      List<String> runtime,
      String logFile,
      boolean stdin,
      boolean stdinOnce,
      boolean tty)
      throws IOException {
    Path bundle = layout.bundle(id);
    Path pidFile = bundle.resolve("pid");
    Path conmonPidFile = bundle.resolve("conmon.pid");
    List<String> c = new ArrayList<>(List.of("/bin/sh", "-c", WAIT_FOR_LINE, "conmon"));
    c.add(binary.toString());
    c.addAll(List.of("-c", id, "-u", id, "-n", id));
    c.addAll(List.of("-b", bundle.toString(), "-p", pidFile.toString()));
    c.addAll(List.of("-P", conmonPidFile.toString()));
    c.addAll(List.of("-l", logFile.isEmpty() ? "off" : "k8s-file:" + logFile));
    c.addAll(List.of("--exit-dir", layout.exits().toString()));
    c.addAll(List.of("--persist-dir", bundle.toString()));
    c.addAll(List.of("--full-attach", "--no-sync-log", "--log-level", "error"));
    c.addAll(List.of("-r", runtime.getFirst()));
    for (String a : runtime.subList(1, runtime.size())) {
      c.addAll(List.of("--runtime-arg", a));
    }
    if (stdin) {
      c.add("-i");
      if (!stdinOnce) {
        c.add("--leave-stdin-open");
      }
    }
    if (tty) {
      c.add("-t");
    }
    // It writes a file "oom" into its working directory.
    Commands.Output o = Commands.run(c, bundle, PATIENCE);
    Map<String, Object> answer;
    try {
      answer =
          Json.parseObject(o.stdout().strip().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new IOException("conmon gave no answer: " + o.stderr().strip(), e);
    }
    int pid = (int) Json.number(answer, "pid");
    if (pid <= 0) {
      throw new RuntimeServiceException(
          "failed to create container: " + reason(Json.string(answer, "message"), o.stderr()));
    }
    ProcessId monitor =
        ProcessId.of(linux, Integer.parseInt(Files.readString(conmonPidFile).strip()))
            .orElseThrow(() -> new IOException("conmon ended at once: " + o.stderr().strip()));
    // A process that has ended already is one of no start time: nobody signals it.
    ProcessId process = ProcessId.of(linux, pid).orElse(new ProcessId(pid, 0));
    return new Created(process, monitor);
  }

  private static String reason(String message, String stderr) {
    String m = message.isBlank() ? stderr.strip() : message.strip();
    return m.isEmpty() ? "the container could not be created" : m;
  }

  /** Tells conmon to open its log file anew (its control FIFO, message 2). */
  void reopenLog(String id) throws IOException {
    control(id, "2 0 0\n");
  }

  /** Gives the container's terminal a size (message 1). */
  void resize(String id, int width, int height) throws IOException {
    control(id, "1 " + height + " " + width + "\n");
  }

  private void control(String id, String message) throws IOException {
    Path fifo = layout.bundle(id).resolve("ctl");
    if (!Files.exists(fifo)) {
      throw new IOException("container " + id + " has no monitor");
    }
    Files.writeString(fifo, message, java.nio.file.StandardOpenOption.WRITE);
  }

  Path attachSocket(String id) {
    return layout.bundle(id).resolve("attach");
  }

  /** Whether conmon saw the kernel's OOM killer at work on the container. */
  boolean sawOutOfMemory(String id) {
    return Files.exists(layout.bundle(id).resolve("oom"));
  }
}
