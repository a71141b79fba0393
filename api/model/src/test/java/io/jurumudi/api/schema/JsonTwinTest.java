package io.jurumudi.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Schemas;
import io.kubernetes.client.openapi.JSON;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What we write in JSON means to the published client what it means to us. */
class JsonTwinTest {
  /** Types whose JSON the published client holds in a form of its own. */
  private static final List<String> APART = List.of("JSONSchemaProps", "CustomResource", ".audit.");

  @Test
  void everyTypeOfThePublishedClient() {
    int compared = 0;
    for (Schema<?> schema : Schemas.all()) {
      Class<?> model = model(schema.name());
      if (model != null && APART.stream().noneMatch(schema.name()::contains)) {
        compare(schema, model);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(700);
  }

  private static <M extends Message<M>> void compare(Schema<M> schema, Class<?> model) {
    M message = new RandomMessages(1, true).next(schema);
    byte[] ours = JsonObjectWriter.write(message);
    String text = new String(ours, StandardCharsets.UTF_8);
    Object parsed = JSON.deserialize(text, model);
    byte[] theirs = JSON.serialize(parsed).getBytes(StandardCharsets.UTF_8);
    assertThat(plain(JsonTree.parse(theirs)))
        .as(schema.name())
        .isEqualTo(plain(JsonTree.parse(ours)));
  }

  /** Without nulls and what is empty: the published client drops the one and adds the other. */
  private static @Nullable Object plain(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> {
        Map<Object, Object> out = new TreeMap<>();
        map.forEach(
            (key, value) -> {
              Object kept = plain(value);
              if (kept != null && !"managedFields".equals(key)) { // theirs leaves them out
                out.put(key, kept);
              }
            });
        yield out.isEmpty() ? null : out;
      }
      case List<?> list -> {
        List<Object> out = new ArrayList<>();
        list.forEach(element -> out.add(String.valueOf(plain(element))));
        yield out.isEmpty() ? null : out;
      }
      case String text when text.endsWith(".000000Z") -> text.replace(".000000Z", "Z");
      case null, default -> tree;
    };
  }

  private static @Nullable Class<?> model(String name) {
    String[] parts = name.split("\\.", -1);
    String simple = parts[parts.length - 1];
    String version = capital(parts[parts.length - 2]);
    for (String prefix : List.of("", capital(parts[parts.length - 3]))) {
      try {
        return Class.forName("io.kubernetes.client.openapi.models." + prefix + version + simple);
      } catch (ClassNotFoundException e) {
        // the next name, or none
      }
    }
    return null;
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
