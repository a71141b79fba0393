package io.jurumudi.client;

import java.time.Duration;
import java.util.Optional;

/**
 * What is to happen after a reconciliation.
 *
 * @param requeueAfter when to reconcile again though nothing changes; empty for never
 */
public record Result(Optional<Duration> requeueAfter) {
  private static final Result DONE = new Result(Optional.empty());

  /** All is as it should be, until something changes. */
  public static Result done() {
    return DONE;
  }

  /** To be looked at again after that time. */
  public static Result requeueAfter(Duration delay) {
    return new Result(Optional.of(delay));
  }
}
