package io.jurumudi.kubelet.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a reader of a log asks for.
 *
 * @param tailLines the last so many lines only; -1 for all
 * @param since nothing older; null for all
 * @param limitBytes at most so much output; -1 for no limit
 * @param stream stdout or stderr; empty for both
 */
public record LogOptions(
    boolean follow,
    long tailLines,
    @Nullable Instant since,
    boolean timestamps,
    long limitBytes,
    String stream) {
  public static final LogOptions ALL = new LogOptions(false, -1, null, false, -1, "");
}
