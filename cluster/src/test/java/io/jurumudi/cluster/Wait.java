package io.jurumudi.cluster;

import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Waiting for what has to come true, and says in its error what did not. */
public final class Wait {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Wait() {}

  /** Asks until the answer is true; an API error counts as "not yet". */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    until(what, condition, () -> "");
  }

  /**
   * The same.
   *
   * @param instead what there is instead, for the error
   */
  public static void until(String what, Callable<Boolean> condition, Callable<String> instead)
      throws Exception {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    Exception last = null;
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (ApiException e) {
        last = e;
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError(
            "not within " + LIMIT.toSeconds() + " s: " + what + ": " + instead.call(), last);
      }
      Thread.sleep(5);
    }
  }
}
