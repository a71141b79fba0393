package io.jurumudi.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* * * * * | 2026-01-01T00:00:30Z | 2026-01-01T00:01:00Z",
        "*/15 * * * * | 2026-01-01T00:15:00Z | 2026-01-01T00:30:00Z",
        "5/20 * * * * | 2026-01-01T00:06:00Z | 2026-01-01T00:25:00Z",
        "0 3 * * * | 2026-01-01T03:00:00Z | 2026-01-02T03:00:00Z",
        "0 0 1 feb * | 2026-01-01T00:00:00Z | 2026-02-01T00:00:00Z",
        "0 0 29 2 * | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z",
        "0 0 * * MON-FRI | 2026-01-02T12:00:00Z | 2026-01-05T00:00:00Z",
        "0 0 13 * 5 | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z",
        "0 0 13 * * | 2026-01-01T00:00:00Z | 2026-01-13T00:00:00Z",
        "30 8-10,20 * * * | 2026-01-01T10:30:00Z | 2026-01-01T20:30:00Z",
        "@hourly | 2026-01-01T00:00:00Z | 2026-01-01T01:00:00Z",
        "@weekly | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z",
        "@every 1h30m | 2026-01-01T00:00:00Z | 2026-01-01T01:30:00Z"
      })
  void knowsTheNextTime(String schedule, Instant after, Instant next) {
    assertThat(CronSchedule.parse(schedule).next(after, ZoneOffset.UTC)).contains(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "60 * * * *",
        "* * 0 * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "@never",
        "@every x"
      })
  void refusesWhatIsNoSchedule(String schedule) {
    assertThatIllegalArgumentException().isThrownBy(() -> CronSchedule.parse(schedule));
  }

  @Test
  void whatNeverComesHasNoNextTime() {
    assertThat(CronSchedule.parse("0 0 30 2 *").next(Instant.EPOCH, ZoneOffset.UTC)).isEmpty();
  }

  @Test
  void followsTheClocksOfItsZone() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    CronSchedule daily = CronSchedule.parse("30 2 * * *");
    // 2026-03-29 has no half past two; 2026-10-25 has two of them.
    assertThat(daily.next(Instant.parse("2026-03-28T12:00:00Z"), berlin))
        .contains(Instant.parse("2026-03-30T00:30:00Z"));
    assertThat(daily.next(Instant.parse("2026-10-24T12:00:00Z"), berlin))
        .contains(Instant.parse("2026-10-25T00:30:00Z"));
    assertThat(daily.next(Instant.parse("2026-10-25T00:30:00Z"), berlin))
        .contains(Instant.parse("2026-10-25T01:30:00Z"));
  }
}
