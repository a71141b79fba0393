package io.jurumudi.runtime.container;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.Processes;
import java.util.Optional;

/** A process for all time: its number and when it started, in clock ticks since boot. */
record ProcessId(int pid, long startTicks) {
  static Optional<ProcessId> of(Linux linux, int pid) {
    return linux.processes().identify(pid).map(i -> new ProcessId(i.pid(), i.startTicks()));
  }

  boolean isAlive(Linux linux) {
    return linux.processes().isAlive(identity());
  }

  /** False when it is gone. */
  boolean signal(Linux linux, int signal) {
    return linux.processes().kill(identity(), signal);
  }

  private Processes.Identity identity() {
    return new Processes.Identity(pid, startTicks);
  }
}
