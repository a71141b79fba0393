package io.jurumudi.controllers.cronjob;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as crontab(5) has it, with the shorthands {@code @hourly}, {@code @daily}, {@code
 * @weekly}, {@code @monthly}, {@code @yearly} and {@code @every 90m}: what
 * github.com/robfig/cron/v3 reads.
 *
 * <p>When clocks are set forward, what falls into the missing hour does not happen; when they are
 * set back, what falls into the double hour happens twice.
 */
public final class CronSchedule {
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
  private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(h|ms|m|s)");

  /** Beyond this many years a schedule such as February 30 is taken never to come. */
  private static final int YEARS = 5;

  /** The values that match, as bits; {@code any} for a field that restricts nothing. */
  private record Field(long bits, boolean any) {
    boolean has(int value) {
      return (bits & (1L << value)) != 0;
    }
  }

  private final Field minutes;
  private final Field hours;
  private final Field daysOfMonth;
  private final Field months;
  private final Field daysOfWeek;
  private final @Nullable Duration every;

  private CronSchedule(List<Field> fields, @Nullable Duration every) {
    minutes = fields.get(0);
    hours = fields.get(1);
    daysOfMonth = fields.get(2);
    months = fields.get(3);
    daysOfWeek = fields.get(4);
    this.every = every;
  }

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  public static CronSchedule parse(String text) {
    String schedule = text.strip();
    if (schedule.startsWith("@every ")) {
      return new CronSchedule(fields("* * * * *"), duration(schedule.substring(7).strip()));
    }
    String spelledOut =
        switch (schedule) {
          case "@yearly", "@annually" -> "0 0 1 1 *";
          case "@monthly" -> "0 0 1 * *";
          case "@weekly" -> "0 0 * * 0";
          case "@daily", "@midnight" -> "0 0 * * *";
          case "@hourly" -> "0 * * * *";
          default -> schedule;
        };
    if (spelledOut.startsWith("@")) {
      throw new IllegalArgumentException("unrecognized descriptor: " + schedule);
    }
    return new CronSchedule(fields(spelledOut), null);
  }

  private static List<Field> fields(String text) {
    String[] parts = text.split("\\s+", -1);
    if (text.isEmpty() || parts.length != 5) {
      throw new IllegalArgumentException(
          "expected exactly 5 fields, found "
              + (text.isEmpty() ? 0 : parts.length)
              + ": ["
              + String.join(" ", parts)
              + "]");
    }
    return List.of(
        field(parts[0], 0, 59, List.of()),
        field(parts[1], 0, 23, List.of()),
        field(parts[2], 1, 31, List.of()),
        field(parts[3], 1, 12, MONTHS),
        field(parts[4], 0, 6, DAYS));
  }

  private static Field field(String text, int least, int most, List<String> names) {
    long bits = 0;
    boolean any = false;
    for (String range : text.split(",", -1)) {
      String[] stepped = range.split("/", -1);
      if (stepped.length > 2) {
        throw new IllegalArgumentException("too many slashes: " + range);
      }
      int step = stepped.length == 2 ? number(stepped[1], range) : 1;
      if (step == 0) {
        throw new IllegalArgumentException("step of range should be a positive number: " + range);
      }
      int first = least;
      int last = most;
      if (stepped[0].equals("*") || stepped[0].equals("?")) {
        any |= step == 1;
      } else {
        String[] ends = stepped[0].split("-", -1);
        if (ends.length > 2) {
          throw new IllegalArgumentException("too many hyphens: " + range);
        }
        first = value(ends[0], least, names, range);
        if (ends.length == 2) {
          last = value(ends[1], least, names, range);
        } else if (stepped.length == 1) {
          last = first;
        }
      }
      if (first < least) {
        throw new IllegalArgumentException(
            "beginning of range (" + first + ") below minimum (" + least + "): " + range);
      }
      if (last > most) {
        throw new IllegalArgumentException(
            "end of range (" + last + ") above maximum (" + most + "): " + range);
      }
      if (first > last) {
        throw new IllegalArgumentException(
            "beginning of range (" + first + ") beyond end of range (" + last + "): " + range);
      }
      for (int value = first; value <= last; value += step) {
        bits |= 1L << value;
      }
    }
    return new Field(bits, any);
  }

  /** Names count from the least value: January is 1, Sunday 0. */
  private static int value(String text, int least, List<String> names, String range) {
    int named = names.indexOf(text.toLowerCase(Locale.ROOT));
    return named >= 0 ? named + least : number(text, range);
  }

  private static int number(String text, String range) {
    if (!text.matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException("failed to parse int from " + text + ": " + range);
    }
    return Integer.parseInt(text);
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (matcher.lookingAt()) {
      double amount = Double.parseDouble(matcher.group(1));
      long millis =
          switch (matcher.group(2)) {
            case "h" -> 3_600_000;
            case "m" -> 60_000;
            case "s" -> 1000;
            default -> 1;
          };
      sum = sum.plusMillis(Math.round(amount * millis));
      end = matcher.end();
      matcher.region(end, text.length());
    }
    if (text.isEmpty() || end != text.length()) {
      throw new IllegalArgumentException("failed to parse duration @every " + text);
    }
    Duration seconds = sum.truncatedTo(ChronoUnit.SECONDS);
    return seconds.isZero() ? Duration.ofSeconds(1) : seconds;
  }

  /** The first time after that one; empty when none comes. */
  public Optional<Instant> next(Instant after, ZoneId zone) {
    if (every != null) {
      return Optional.of(after.truncatedTo(ChronoUnit.SECONDS).plus(every));
    }
    ZonedDateTime time = after.atZone(zone).truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
    int lastYear = time.getYear() + YEARS;
    while (time.getYear() <= lastYear) {
      if (!months.has(time.getMonthValue())) {
        time = time.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(zone);
      } else if (!dayMatches(time)) {
        time = time.toLocalDate().plusDays(1).atStartOfDay(zone);
      } else if (!hours.has(time.getHour())) {
        time = time.truncatedTo(ChronoUnit.HOURS).plusHours(1);
      } else if (!minutes.has(time.getMinute())) {
        time = time.plusMinutes(1);
      } else {
        return Optional.of(time.toInstant());
      }
    }
    return Optional.empty();
  }

  /** Two restrictions of days are alternatives: one of them is enough. */
  private boolean dayMatches(ZonedDateTime time) {
    boolean ofMonth = daysOfMonth.has(time.getDayOfMonth());
    boolean ofWeek = daysOfWeek.has(time.getDayOfWeek().getValue() % 7);
    return (daysOfMonth.any || daysOfWeek.any) ? ofMonth && ofWeek : (ofMonth || ofWeek);
  }
}
