package io.jurumudi.machinery.selectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SelectorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app=web|true",
        "app==web|true",
        "app!=web|false",
        "other!=web|true",
        "app in (web,db)|true",
        "app notin (web)|false",
        "app|true",
        "!app|false",
        "!other|true",
        "n>3|true",
        "n<3|false",
        "app=web,tier in (,front)|true",
        "in=x|false",
        "app in (in)|false",
        "x in ()|false",
      })
  void matches(String text, boolean expected) {
    Selector selector = LabelSelectors.parse(text);
    assertThat(selector.matches(Map.of("app", "web", "n", "5", "tier", ""))).isEqualTo(expected);
    assertThat(LabelSelectors.parse(selector.toString())).isEqualTo(selector);
  }

  /** The messages are what kube-apiserver v1.36 answers to the same selectors. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a,|found '', expected: identifier after ','",
        "a b|unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        "a=b c|found 'c', expected: ',' or 'end of string'",
        "a in|unable to parse requirement: found '' expected: '('",
        "a in (b|unable to parse requirement: found '', expected: ',' or ')'",
        "=a|found '=', expected: !, identifier, or 'end of string'",
        "a>x|unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators,"
            + " the value must be an integer",
      })
  void explains(String text, String message) {
    assertThatThrownBy(() -> LabelSelectors.parse(text))
        .isInstanceOf(SelectorSyntaxException.class)
        .hasMessage(message);
  }

  @Test
  void namesTheBadKey() {
    assertThatThrownBy(() -> LabelSelectors.parse("-a=b"))
        .hasMessageStartingWith(
            "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of");
  }

  @Test
  void fieldSelectors() {
    FieldSelector selector = FieldSelectors.parse("spec.nodeName=a\\,b,status.phase!=Running");
    Map<String, String> fields = Map.of("spec.nodeName", "a,b", "status.phase", "Pending");
    assertThat(selector.matches(f -> fields.getOrDefault(f, ""))).isTrue();
    assertThat(selector.matches(f -> "")).isFalse();
    assertThat(selector.requiresExactMatch("spec.nodeName")).contains("a,b");
    assertThat(selector).hasToString("spec.nodeName=a\\,b,status.phase!=Running");
    assertThatThrownBy(() -> FieldSelectors.parse("nonsense"))
        .hasMessage("invalid selector: 'nonsense'; can't understand 'nonsense'");
  }
}
