package io.jurumudi.apiserver.validation;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether text is a schedule of a cron job: five fields (minute, hour, day of the month, month, day
 * of the week), or a name such as {@code @daily}, or {@code @every} with a duration.
 */
final class CronSchedule {
  private static final Set<String> NAMED =
      Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");

  private static final Pattern DURATION =
      Pattern.compile("[-+]?([0-9]+([.][0-9]*)?(ns|us|µs|ms|s|m|h))+|0");

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private CronSchedule() {}

  /** A field's bounds and the names of its values, the first of which stands for the minimum. */
  private record Bounds(int min, int max, List<String> names) {}

  private static final List<Bounds> FIELDS =
      List.of(
          new Bounds(0, 59, List.of()),
          new Bounds(0, 23, List.of()),
          new Bounds(1, 31, List.of()),
          new Bounds(1, 12, MONTHS),
          new Bounds(0, 6, DAYS));

  /** What is wrong with it, or null. */
  static @Nullable String wrong(String schedule) {
    String text = schedule;
    if (text.startsWith("TZ=") || text.startsWith("CRON_TZ=")) {
      int space = text.indexOf(' ');
      if (space < 0) {
        return "expected a schedule after the time zone";
      }
      text = text.substring(space).strip();
    }
    if (text.startsWith("@")) {
      if (NAMED.contains(text)) {
        return null;
      }
      if (text.startsWith("@every ")) {
        String duration = text.substring("@every ".length());
        return DURATION.matcher(duration).matches() ? null : "failed to parse duration " + text;
      }
      return "unrecognized descriptor: " + text;
    }
    List<String> fields = List.of(text.strip().split("\\s+"));
    if (text.isBlank() || fields.size() != FIELDS.size()) {
      int found = text.isBlank() ? 0 : fields.size();
      return "expected exactly 5 fields, found " + found + ": [" + String.join(" ", fields) + "]";
    }
    for (int i = 0; i < fields.size(); i++) {
      for (String part : fields.get(i).split(",", -1)) {
        String wrong = part.isEmpty() ? null : part(part, FIELDS.get(i));
        if (wrong != null) {
          return wrong;
        }
      }
    }
    return null;
  }

  private static @Nullable String part(String part, Bounds bounds) {
    String[] step = part.split("/", -1);
    String[] range = step[0].split("-", -1);
    if (step.length > 2) {
      return "too many slashes: " + part;
    }
    if (range.length > 2) {
      return "too many hyphens: " + part;
    }
    int start = bounds.min;
    int end = bounds.max;
    if (!range[0].equals("*") && !range[0].equals("?")) {
      start = value(range[0], bounds);
      end = range.length == 2 ? value(range[1], bounds) : start;
      if (start < 0 || end < 0) {
        return "failed to parse int from " + step[0];
      }
      if (range.length == 1 && step.length == 2) {
        end = bounds.max;
      }
    } else if (range.length == 2) {
      return "failed to parse int from " + step[0];
    }
    if (step.length == 2) {
      int every = number(step[1]);
      if (every < 0) {
        return "failed to parse int from " + step[1];
      }
      if (every == 0) {
        return "step of range should be a positive number: " + part;
      }
    }
    if (start < bounds.min) {
      return "beginning of range (" + start + ") below minimum (" + bounds.min + "): " + part;
    }
    if (end > bounds.max) {
      return "end of range (" + end + ") above maximum (" + bounds.max + "): " + part;
    }
    if (start > end) {
      return "beginning of range (" + start + ") beyond end of range (" + end + "): " + part;
    }
    return null;
  }

  private static int value(String text, Bounds bounds) {
    int named = bounds.names.indexOf(text.toLowerCase(Locale.ROOT));
    return named < 0 ? number(text) : named + bounds.min;
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }
}
