package io.jurumudi.cluster.command;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command that stays tells how far it is. A detached cluster talks to the launcher over
 * descriptor 3; its last line to it is {@code exit CODE}, after which nobody listens any more.
 */
final class Progress {
  private final PrintStream out;
  private final boolean launcher;

  private Progress(PrintStream out, boolean launcher) {
    this.out = out;
    this.launcher = launcher;
  }

  static Progress console() {
    return new Progress(System.out, false);
  }

  static Progress launcher() {
    try {
      return new Progress(
          new PrintStream(new FileOutputStream("/proc/self/fd/3"), true, StandardCharsets.UTF_8),
          true);
    } catch (FileNotFoundException e) {
      return console();
    }
  }

  void say(String line) {
    out.println(line);
  }

  /** The command's result is known; the process may go on. */
  void end(int code) {
    if (launcher) {
      out.println("exit " + code);
      out.close();
    }
  }
}
