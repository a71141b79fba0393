package io.jurumudi.api.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1,1",
    "+5,5",
    "-5,-5",
    "1.5,1500m",
    "0.1,100m",
    "1500m,1500m",
    "1000m,1",
    "1000,1k",
    "100000,100k",
    "1024,1024",
    "1Ki,1Ki",
    "1.5Gi,1536Mi",
    "0.5Ki,512",
    "1024Mi,1Gi",
    "1000000Ki,1000000Ki",
    "1e3,1e3",
    "1E3,1e3",
    "1E,1E",
    "12e6,12e6",
    "3e-2,30e-3",
    "1.23456789012,1234567891n",
    "0.1n,1n",
    "10Ei,9223372036854775807",
    ".5,500m",
    "1.,1",
    "0.0001Ki,102400u",
    "9999999999999999999,9999999999999999999",
    "00001,1",
    "0Ki,0"
  })
  void canonicalForm(String text, String canonical) {
    Quantity quantity = Quantity.parse(text);
    assertThat(quantity.toString()).isEqualTo(canonical);
    assertThat(Quantity.parse(canonical)).isEqualByComparingTo(quantity);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1.1.1", "5kk", "1 ", "1e", "1ki", "1e99999999999", "--1"})
  void whatIsNoQuantity(String text) {
    assertThatThrownBy(() -> Quantity.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void arithmeticIsExact() {
    Random random = new Random(5);
    String[] units = {"", "m", "k", "Mi", "n", "E"};
    for (int i = 0; i < 2000; i++) {
      Quantity a = Quantity.parse(random.nextInt(1_000_000) + units[random.nextInt(units.length)]);
      Quantity b = Quantity.parse(random.nextInt(1_000_000) + units[random.nextInt(units.length)]);
      BigDecimal sum = a.amount().add(b.amount());
      assertThat(a.add(b).amount()).isEqualByComparingTo(sum);
      assertThat(a.add(b).subtract(b)).isEqualByComparingTo(a);
      assertThat(a.compareTo(b)).isEqualTo(a.amount().compareTo(b.amount()));
      assertThat(Quantity.parse(a.toString()).amount()).isEqualByComparingTo(a.amount());
    }
  }

  @Test
  void valuesRoundUp() {
    assertThat(Quantity.parse("100m").value()).isEqualTo(1);
    assertThat(Quantity.parse("-100m").value()).isEqualTo(-1);
    assertThat(Quantity.parse("2").milliValue()).isEqualTo(2000);
    assertThat(Quantity.parse("1n").milliValue()).isEqualTo(1);
    assertThat(Quantity.parse("9E").milliValue()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void zeroTakesTheOthersFormat() {
    assertThat(Quantity.ZERO.add(Quantity.parse("1Gi")).toString()).isEqualTo("1Gi");
    assertThat(Quantity.parse("1k").add(Quantity.parse("24")).toString()).isEqualTo("1024");
  }
}
