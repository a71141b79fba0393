package io.jurumudi.api.schema;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrStringArray;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Messages of any type with any values, from a seed. */
final class RandomMessages {
  private static final int MAX_DEPTH = 5;
  private static final List<String> TEXTS =
      List.of("", "a", "web-1", "<b>&", "\"q\\\n\t\u0001", "größe", "日本", "🙂", "\u2028", "\u007f");
  private static final List<String> QUANTITIES =
      List.of("0", "1", "500m", "1Gi", "1536Mi", "2k", "1e3", "-3", "100n", "12E", "1.5");
  private static final double[] NUMBERS = {0, 1, -1, 1.5, 0.1, 1e20, 1e21, 1.5e-7, 1e-6, 123456789};

  private final Random random;
  private final boolean full;

  RandomMessages(long seed) {
    this(seed, false);
  }

  /**
   * @param full whether everything is there that must be, at any depth
   */
  RandomMessages(long seed, boolean full) {
    this.random = new Random(seed);
    this.full = full;
  }

  <M extends Message<M>> M next(Schema<M> schema) {
    return message(schema, 0);
  }

  private <M extends Message<M>> M message(Schema<M> schema, int depth) {
    Message.Builder<M> builder = schema.newBuilder();
    for (Field field : schema.fields()) {
      builder.set(field.index(), field(field, depth));
    }
    return builder.build();
  }

  private @Nullable Object field(Field field, int depth) {
    boolean must = full && (field.required() || !field.omitsAbsent());
    boolean absent = !must && (depth >= MAX_DEPTH || random.nextInt(4) == 0);
    return switch (field.type()) {
      case ListOf list -> absent ? List.of() : list(list.element(), depth);
      case MapOf map -> absent ? Map.of() : map(map.value(), depth);
      case Ref ref -> {
        if (field.pointer() && absent) {
          yield null;
        }
        yield message(ref.schema(), depth + 1);
      }
      case Scalar scalar -> {
        boolean nullable =
            field.pointer()
                || switch (scalar.kind()) {
                  case TIME, MICRO_TIME, RAW -> true;
                  default -> false;
                };
        boolean deep =
            switch (scalar.kind()) {
              case SCHEMA_OR_BOOL, SCHEMA_OR_ARRAY -> depth >= 2;
              default -> false;
            };
        yield nullable && (absent || deep) ? null : scalar(scalar.kind(), depth);
      }
    };
  }

  private List<Object> list(FieldType type, int depth) {
    List<Object> list = new ArrayList<>();
    for (int i = full ? 1 : random.nextInt(3); i > 0; i--) {
      list.add(element(type, depth));
    }
    return list;
  }

  private Map<String, Object> map(FieldType type, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(4) + (full ? 1 : 0); i > 0; i--) {
      map.put("key" + random.nextInt(20), element(type, depth));
    }
    return map;
  }

  private Object element(FieldType type, int depth) {
    return switch (type) {
      case Ref ref -> message(ref.schema(), depth + 1);
      case ListOf list -> list(list.element(), depth);
      case MapOf map -> map(map.value(), depth);
      case Scalar(Kind kind) -> scalar(kind, depth);
    };
  }

  private Object scalar(Kind kind, int depth) {
    return switch (kind) {
      case STRING -> text();
      case INT32 -> random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(3) + (full ? 1 : 0);
      case INT64 ->
          random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(3) + (full ? 1L : 0L);
      case DOUBLE -> NUMBERS[random.nextInt(NUMBERS.length)];
      case BOOL -> full || random.nextBoolean();
      case BYTES -> {
        byte[] bytes = new byte[1 + random.nextInt(5)];
        random.nextBytes(bytes);
        yield Bytes.of(bytes);
      }
      case TIME -> Instant.ofEpochSecond(random.nextInt(2_000_000_000));
      case MICRO_TIME ->
          Instant.ofEpochSecond(random.nextInt(2_000_000_000), random.nextInt(1_000_000) * 1000L);
      case DURATION -> Duration.ofNanos(random.nextLong() >> random.nextInt(60));
      case QUANTITY -> Quantity.parse(QUANTITIES.get(random.nextInt(QUANTITIES.size())));
      case INT_OR_STRING ->
          random.nextBoolean() ? IntOrString.of(random.nextInt(100)) : IntOrString.of(text());
      case RAW -> RawJson.of(random.nextBoolean() ? "{\"a\":[\"b\"],\"c\":{}}" : "\"x\"");
      case SCHEMA_OR_BOOL ->
          random.nextBoolean() || depth > 1
              ? JSONSchemaPropsOrBool.of(random.nextBoolean())
              : JSONSchemaPropsOrBool.of(message(JSONSchemaProps.SCHEMA, depth + 2));
      case SCHEMA_OR_ARRAY ->
          random.nextBoolean()
              ? new JSONSchemaPropsOrArray(
                  null, List.of(message(JSONSchemaProps.SCHEMA, MAX_DEPTH)))
              : new JSONSchemaPropsOrArray(message(JSONSchemaProps.SCHEMA, depth + 2), List.of());
      case SCHEMA_OR_STRINGS ->
          random.nextBoolean() || depth > 1
              ? new JSONSchemaPropsOrStringArray(null, List.of("x", text()))
              : new JSONSchemaPropsOrStringArray(
                  message(JSONSchemaProps.SCHEMA, depth + 2), List.of());
    };
  }

  private String text() {
    return TEXTS.get(full ? 1 + random.nextInt(TEXTS.size() - 1) : random.nextInt(TEXTS.size()));
  }
}
