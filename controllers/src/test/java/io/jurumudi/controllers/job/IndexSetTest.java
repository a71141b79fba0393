package io.jurumudi.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexSetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|''",
        "3|3",
        "1,2|1,2",
        "1-3|1-3",
        "1,2,3|1-3",
        "0,2-4,6,7|0,2-4,6,7",
        "x,4|4",
        "8-20|8,9",
        "10-12|''"
      })
  void isWrittenAsShortAsItCanBe(String text, String written) {
    assertThat(IndexSet.parse(text, 10)).hasToString(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0-2|3", "1-3|0", "''|0"})
  void tellsWhatIsMissing(String text, int absent) {
    assertThat(IndexSet.parse(text, 10).nextAbsent(0)).isEqualTo(absent);
  }
}
