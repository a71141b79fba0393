package io.jurumudi.cluster.command;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells a process that is asked to end whether its containers are to end too. Without it, a SIGTERM
 * ends the process alone, and the next start takes the containers over.
 */
final class StopRequest {
  private StopRequest() {}

  static Path file(Path lock) {
    return lock.resolveSibling("stop-workloads");
  }

  static boolean made(Path lock) {
    return Files.exists(file(lock));
  }
}
