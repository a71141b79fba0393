package io.jurumudi.machinery.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.schema.DecodeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class YamlTest {
  private static String json(String yaml) {
    return Trees.toJson(Yaml.toTree(yaml.getBytes(UTF_8)));
  }

  @Test
  void scalarsMeanWhatKubectlTakesThemFor() {
    assertThat(
            json(
                """
                a: yes
                b: "yes"
                c: 0777
                d: 0x10
                e: 1_000
                f: 1.50
                g: 1e3
                h: ~
                i: 2024-01-01
                j: !!str 12
                k: |
                  two
                  lines
                8080: port
                true: t
                """))
        .isEqualTo(
            "{\"8080\":\"port\",\"a\":true,\"b\":\"yes\",\"c\":511,\"d\":16,\"e\":1000,\"f\":1.5,"
                + "\"g\":1000,\"h\":null,\"i\":\"2024-01-01\",\"j\":\"12\",\"k\":\"two\\nlines\\n\","
                + "\"true\":\"t\"}");
  }

  @Test
  void aliasesAndMergeKeys() {
    assertThat(json("base: &b {x: 1, z: 2}\nuse: {<<: *b, z: 3}\n"))
        .isEqualTo("{\"base\":{\"x\":1,\"z\":2},\"use\":{\"x\":1,\"z\":3}}");
  }

  @Test
  void severalDocuments() {
    assertThat(Yaml.documents("a: 1\n---\n---\nb: 2\n".getBytes(UTF_8))).hasSize(3);
  }

  @Test
  void reportsDuplicates() {
    List<String> found = new ArrayList<>();
    Yaml.toTree("a: 1\nb: 2\na: 3\n".getBytes(UTF_8), found::add);
    assertThat(found).containsExactly("line 3: key \"a\" already set in map");
  }

  @Test
  void limits() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++) {
      String ten = ("*a" + (i - 1) + ",").repeat(10);
      laughs.append("a%d: &a%d [%s]\n".formatted(i, i, ten.substring(0, ten.length() - 1)));
    }
    assertThatThrownBy(() -> json(laughs.toString()))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("100000");
    assertThatThrownBy(() -> json("[".repeat(5000)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("512");
    assertThatThrownBy(() -> Trees.parseJson("[".repeat(5000).getBytes(UTF_8)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("512");
    assertThatThrownBy(() -> json("a: [1,\nb: c"))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void jsonNumbersAsGoWritesThem() {
    byte[] json = "[1,-0.0,1.0,1e21,1e-7,123456789012345678901,0.1,100e-2]".getBytes(UTF_8);
    assertThat(Trees.toJson(Trees.parseJson(json)))
        .isEqualTo("[1,-0,1,1e+21,1e-7,123456789012345680000,0.1,1]");
  }
}
