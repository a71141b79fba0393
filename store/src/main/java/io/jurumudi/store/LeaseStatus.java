package io.jurumudi.store;

import java.time.Duration;
import java.util.List;

/**
 * A lease as it stands.
 *
 * @param granted the time to live that was asked for
 * @param remaining the time left, unless it is kept alive
 * @param keys the keys that end with it, sorted
 */
public record LeaseStatus(long id, Duration granted, Duration remaining, List<String> keys) {}
