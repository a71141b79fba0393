package io.jurumudi.kubelet.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A line of a container's log file as the CRI writes it: {@code TIME STREAM F|P CONTENT}.
 *
 * @param partial the writer's line goes on in the next one: no newline belongs to it
 * @param content with its newline unless partial
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
record LogLine(Instant time, String timeText, String stream, boolean partial, byte[] content) {

  /** Parses one line with its newline; empty when it is not of that format. */
  static Optional<LogLine> parse(byte[] line) {
    int first = indexOf(line, 0);
    int second = first < 0 ? -1 : indexOf(line, first + 1);
    int third = second < 0 ? -1 : indexOf(line, second + 1);
    if (third < 0) {
      return Optional.empty();
    }
    String timeText = new String(line, 0, first, StandardCharsets.US_ASCII);
    Instant time;
    try {
      time = OffsetDateTime.parse(timeText).toInstant();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
    String stream = new String(line, first + 1, second - first - 1, StandardCharsets.US_ASCII);
    String tags = new String(line, second + 1, third - second - 1, StandardCharsets.US_ASCII);
    boolean partial = tags.split(":", 2)[0].equals("P");
    int end = line.length;
    if (partial && end > third && line[end - 1] == '\n') {
      end--;
    }
    return Optional.of(
        new LogLine(time, timeText, stream, partial, Arrays.copyOfRange(line, third + 1, end)));
  }

  private static int indexOf(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == ' ') {
        return i;
      }
    }
    return -1;
  }
}
