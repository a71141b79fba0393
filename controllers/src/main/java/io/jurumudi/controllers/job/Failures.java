package io.jurumudi.controllers.job;

import io.jurumudi.api.core.v1.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How many pods failed in a row, and when the last of them did: the more, the longer the next one
 * waits.
 */
record Failures(int count, Instant last) {
  static final Failures NONE = new Failures(0, Instant.EPOCH);
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** With pods that ended since. A success ends the row. */
  Failures with(List<Pod> succeeded, List<Pod> failed) {
    Optional<Instant> success =
        succeeded.stream().map(Jobs::finishedAt).max(Comparator.naturalOrder());
    List<Instant> since =
        failed.stream()
            .map(Jobs::finishedAt)
            .filter(at -> success.isEmpty() || at.isAfter(success.get()))
            .sorted()
            .toList();
    int before = success.isPresent() ? 0 : count;
    return since.isEmpty()
        ? (before == 0 ? NONE : this)
        : new Failures(before + since.size(), since.getLast());
  }

  /** How long to wait still; zero or less when not at all. */
  Duration left(Instant now) {
    if (count == 0) {
      return Duration.ZERO;
    }
    Duration pause = count > 6 ? LONGEST : FIRST.multipliedBy(1L << (count - 1));
    return Duration.between(now, last.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause));
  }
}
