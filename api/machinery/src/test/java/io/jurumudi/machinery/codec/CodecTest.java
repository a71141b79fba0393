package io.jurumudi.machinery.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.DecodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CodecTest {
  private static final GroupVersionKind KIND = new GroupVersionKind("", "v1", "ConfigMap");

  private final ConfigMap map =
      ConfigMap.builder().metadata(m -> m.name("a")).data(Map.of("k", "v")).build();

  @Test
  void protobufEnvelope() {
    byte[] bytes = Proto.write(map);
    assertThat(HexFormat.of().formatHex(bytes))
        .startsWith("6b38730" + "00a0f0a0276311209436f6e6669674d617012")
        .endsWith("1a002200");
    Decoded<ConfigMap> read = Proto.read(ConfigMap.SCHEMA, bytes);
    assertThat(read.object()).isEqualTo(map);
    assertThat(read.kind()).isEqualTo(KIND);
    assertThatThrownBy(() -> Proto.open("{}".getBytes(UTF_8)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("expected prefix");
    for (int length = 4; length < bytes.length; length++) {
      byte[] torn = Arrays.copyOf(bytes, length);
      try {
        Proto.read(ConfigMap.SCHEMA, torn);
      } catch (DecodeException e) {
        // A torn message is refused or read in part, and nothing else happens.
      }
    }
  }

  @Test
  void jsonSaysWhatItIs() {
    assertThat(Json.kindOf(Json.write(map))).contains(KIND);
    assertThat(Json.kindOf("{\"x\":{\"kind\":\"y\"},\"kind\":\"ConfigMap\"}".getBytes(UTF_8)))
        .isEmpty();
    assertThat(Json.kindOf("[]".getBytes(UTF_8))).isEmpty();
    assertThat(Json.kindOf("{".getBytes(UTF_8))).isEmpty();
  }

  @Test
  void strictAndWarningAndIgnoringDecoding() {
    byte[] json =
        ("{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"nodeNam\":\"x\",\"nodeName\":\"a\","
                + "\"nodeName\":\"b\"}}")
            .getBytes(UTF_8);
    Decoded<Pod> warned = Json.read(Pod.SCHEMA, json, Decoding.WARN);
    assertThat(warned.object().spec().nodeName()).isEqualTo("b");
    assertThat(warned.warnings())
        .containsExactly("unknown field \"spec.nodeNam\"", "duplicate field \"spec.nodeName\"");
    assertThat(Json.read(Pod.SCHEMA, json, Decoding.IGNORE).warnings()).isEmpty();
    assertThatThrownBy(() -> Json.read(Pod.SCHEMA, json, Decoding.STRICT))
        .isInstanceOf(DecodeException.class)
        .hasMessage(
            "strict decoding error: unknown field \"spec.nodeNam\", duplicate field"
                + " \"spec.nodeName\"");
  }

  @Test
  void watchFramesInBothFormats() {
    byte[] line = WatchFrames.json("ADDED", Json.write(map));
    assertThat(line).endsWith('\n');
    WatchFrames.Frame frame = WatchFrames.readJson(line);
    assertThat(frame.type()).isEqualTo("ADDED");
    assertThat(frame.object()).isEqualTo(Json.write(map));
    assertThat(
            WatchFrames.readJson(" { \"object\" : [1, 2] , \"type\":\"ERROR\"}".getBytes(UTF_8))
                .object())
        .asString()
        .isEqualTo("[1, 2]");

    byte[] proto = WatchFrames.proto("DELETED", Proto.write(map));
    int length = (proto[0] & 255) << 24 | (proto[1] & 255) << 16 | (proto[2] & 255) << 8;
    length |= proto[3] & 255;
    assertThat(length).isEqualTo(proto.length - 4);
    frame = WatchFrames.readProto(Arrays.copyOfRange(proto, 4, proto.length));
    assertThat(frame.type()).isEqualTo("DELETED");
    assertThat(frame.object()).isEqualTo(Proto.write(map));
  }

  @Test
  void duplicatesInTrees() {
    List<String> found = new ArrayList<>();
    Trees.parseJson("{\"a\":[{\"b\":1,\"b\":2}],\"a\":{}}".getBytes(UTF_8), found::add);
    assertThat(found).containsExactly("a[0].b", "a");
  }

  @Test
  void yamlIsReadBackAsItWasWritten() {
    String json =
        "{\"a\":\"yes\",\"b\":\"1\",\"c\":[{\"x\":null,\"y\":[]},[1,2.5],\"text\"],"
            + "\"d\":\"two\\nlines\\n\",\"e\":\"- dash\",\"f\":\"a: b\",\"g\":{},\"h\":true,"
            + "\"i\":\" lead\",\"j\":\"\",\"k\":\"#x\",\"l\":\"2024-01-01\",\"m\":\"é\","
            + "\"n\":\"0x1f\",\"o\":\"x\\n\\ny\",\"p: q\":\"~\",\"y\":\".inf\"}";
    Object tree = Trees.parseJson(json.getBytes(UTF_8));
    assertThat(Trees.toJson(Yaml.toTree(Yaml.write(tree).getBytes(UTF_8)))).isEqualTo(json);
  }
}
