package io.jurumudi.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Schemas;
import org.junit.jupiter.api.Test;

/** Every type survives every format. */
class RoundTripTest {
  private static final int ROUNDS = 3;

  @Test
  void everyTypeInEveryFormat() {
    for (Schema<?> schema : Schemas.all()) {
      for (int seed = 0; seed < ROUNDS; seed++) {
        trip(schema, seed);
      }
    }
  }

  private static <M extends Message<M>> void trip(Schema<M> schema, long seed) {
    String what = schema.name() + " seed=" + seed;
    M message = new RandomMessages(seed).next(schema);
    var json = JsonObjectReader.read(schema, JsonObjectWriter.write(message), true);
    assertThat(json.message()).as(what).isEqualTo(message);
    assertThat(json.strictErrors()).as(what).isEmpty();
    var tree = TreeObjectReader.read(schema, TreeObjectWriter.write(message), true);
    assertThat(tree.message()).as(what).isEqualTo(message);
    assertThat(JsonTree.write(TreeObjectWriter.write(message)))
        .as(what)
        .isEqualTo(JsonTree.write(JsonTree.parse(JsonObjectWriter.write(message))));
    if (schema.fields().stream().allMatch(field -> field.number() > 0)) {
      assertThat(ProtoObjectReader.read(schema, ProtoObjectWriter.write(message)))
          .as(what)
          .isEqualTo(message);
    }
    assertThat(message.toBuilder().build()).as(what).isEqualTo(message);
  }

  @Test
  void emptyMessagesAreEmpty() {
    for (Schema<?> schema : Schemas.all()) {
      byte[] json = JsonObjectWriter.write(schema.empty());
      assertThat(JsonObjectReader.read(schema, json, true).message()).isEqualTo(schema.empty());
    }
  }
}
