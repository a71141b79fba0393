package io.jurumudi.cluster.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM or Ctrl-C, for a command that stays: the JVM's shutdown is held up until the command has
 * closed what it runs, or its patience is over.
 */
final class StopSignal {
  /** Containers are given 30 s at most to end. */
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::shutDown));
  }

  private void shutDown() {
    asked.countDown();
    try {
      if (!finished.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("jurumudi: not everything was closed in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the process is asked to end. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** Everything is closed: the process may end. */
  void finished() {
    finished.countDown();
  }
}
