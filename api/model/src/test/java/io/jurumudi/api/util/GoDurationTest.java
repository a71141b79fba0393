package io.jurumudi.api.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "0,0s",
    "5m,5m0s",
    "1h,1h0m0s",
    "90s,1m30s",
    "1.5s,1.5s",
    "100ms,100ms",
    "1500us,1.5ms",
    "1h2m3.000000004s,1h2m3.000000004s",
    "-1m,-1m0s",
    "7ns,7ns",
    "1000h,1000h0m0s",
    "3µs,3µs"
  })
  void readAndWritten(String text, String written) {
    Duration duration = GoDuration.parse(text);
    assertThat(GoDuration.format(duration)).isEqualTo(written);
    assertThat(GoDuration.parse(written)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "x", "1x", "1.1.1s", "s", ".s", "99999999h", "-"})
  void refused(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
