package io.jurumudi.apiserver.front;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.ConfigMapList;
import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.schema.ProtoObjectWriter;
import io.jurumudi.machinery.codec.Proto;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoSpliceTest {
  private static ConfigMap item(int i) {
    return ConfigMap.builder()
        .metadata(m -> m.namespace("default").name("item-" + i))
        .data(Map.of("text", "x".repeat(i * 100)))
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 200})
  void aSplicedListIsTheListEncodedWhole(int count) {
    List<ConfigMap> items = IntStream.range(0, count).mapToObj(ProtoSpliceTest::item).toList();
    ListMeta meta = ListMeta.builder().resourceVersion("12345").build();
    ConfigMapList whole = ConfigMapList.builder().metadata(meta).items(items).build();
    byte[] spliced =
        Encoder.join(
            ProtoSplice.list(
                Objects.requireNonNull(whole.schema().kind()),
                ProtoObjectWriter.write(meta),
                items.stream().map(ProtoObjectWriter::write).toList()));
    assertThat(spliced).isEqualTo(Proto.write(whole));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 300})
  void anEnvelopedObjectIsTheObjectEncodedWhole(int size) {
    ConfigMap object = item(size);
    assertThat(Encoder.envelope(object, ProtoObjectWriter.write(object)))
        .isEqualTo(Proto.write(object));
  }
}
