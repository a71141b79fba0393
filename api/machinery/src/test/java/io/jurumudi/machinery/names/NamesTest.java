package io.jurumudi.machinery.names;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NamesTest {
  @Test
  void good() {
    assertThat(Names.isDns1123Label("web-1")).isEmpty();
    assertThat(Names.isDns1123Subdomain("a.b-c.example")).isEmpty();
    assertThat(Names.isQualifiedName("example.com/My_name.x")).isEmpty();
    assertThat(Names.isLabelValue("")).isEmpty();
    assertThat(Names.isPortName("http-2")).isEmpty();
    assertThat(Names.isConfigMapKey("a_b.txt")).isEmpty();
    assertThat(Names.isRelaxedEnvVarName("1 x")).isEmpty();
  }

  @Test
  void badSaysWhatUpstreamSays() {
    assertThat(Names.isDns1123Subdomain("Web_1"))
        .containsExactly(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
                + " or '.', and must start and end with an alphanumeric character (e.g."
                + " 'example.com', regex used for validation is"
                + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
    assertThat(Names.isDns1123Label("a.b")).containsExactly("must not contain dots");
    assertThat(Names.isDns1123Label("a".repeat(64)))
        .containsExactly("must be no more than 63 characters");
    assertThat(Names.isQualifiedName("/x")).containsExactly("prefix part must be non-empty");
    assertThat(Names.isPortNumber(0)).containsExactly("must be between 1 and 65535, inclusive");
    assertThat(Names.isConfigMapKey("..x")).containsExactly("must not start with '..'");
    assertThat(Names.isDns1123Subdomain("a.".repeat(200_000))).hasSize(2);
  }
}
