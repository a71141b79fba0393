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
import io.jurumudi.api.schema.Schema.ProtoNode;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads messages in protobuf. Unknown fields are skipped. Not safe for use by several threads. */
public final class ProtoObjectReader implements ObjectReader {
  private final byte[] buffer;
  private int at;
  private int limit;
  private int depth;
  private int wire;

  /**
   * Where the current message is: itself, or a message Go embeds in it, inside which fields lie.
   */
  private @Nullable ProtoNode node;

  private final Deque<Embedding> embeddings = new ArrayDeque<>();
  private int embeddingsBelow;

  private record Embedding(ProtoNode node, int limit) {}

  /** Lists and maps this reader made and may add to. */
  private static final class Elements<T> extends ArrayList<T> {}

  private static final class Entries<T> extends HashMap<String, T> {}

  private ProtoObjectReader(byte[] buffer, int from, int to) {
    this.buffer = buffer;
    this.at = from;
    this.limit = to;
  }

  public static <M extends Message<M>> M read(Schema<M> schema, byte[] bytes) {
    return read(schema, bytes, 0, bytes.length);
  }

  /**
   * Reads the message between two offsets.
   *
   * @throws DecodeException when the bytes are no such message
   */
  public static <M extends Message<M>> M read(Schema<M> schema, byte[] bytes, int from, int to) {
    ProtoObjectReader reader = new ProtoObjectReader(bytes, from, to);
    return reader.body(schema, to);
  }

  private <M extends Message<M>> M body(Schema<M> schema, int end) {
    if (depth == Trail.MAX_DEPTH) {
      throw new DecodeException("proto: exceeded max depth of " + Trail.MAX_DEPTH);
    }
    ProtoNode outerNode = node;
    int outerLimit = limit;
    int outerEmbeddings = embeddingsBelow;
    node = schema.protoRoot();
    limit = end;
    embeddingsBelow = embeddings.size();
    depth++;
    Message.Builder<M> builder = schema.newBuilder();
    builder.read(this);
    depth--;
    node = outerNode;
    limit = outerLimit;
    embeddingsBelow = outerEmbeddings;
    return builder.build();
  }

  @Override
  public String name() {
    throw new DecodeException("objects of custom kinds have no form in protobuf");
  }

  @Override
  public @Nullable Object tree() {
    throw new DecodeException("objects of custom kinds have no form in protobuf");
  }

  @Override
  public int next(Schema<?> schema) {
    while (true) {
      if (at >= limit) {
        if (at > limit) {
          throw truncated();
        }
        if (embeddings.size() == embeddingsBelow) {
          return -1;
        }
        Embedding outer = embeddings.pop();
        node = outer.node;
        limit = outer.limit;
        continue;
      }
      int tag = (int) varint();
      wire = tag & 7;
      ProtoNode here = java.util.Objects.requireNonNull(node);
      Object child = here.child(tag >>> 3);
      if (child instanceof Field field) {
        if (wire != (field.tag & 7) && !(wire == 2 && field.type() instanceof ListOf)) {
          throw new DecodeException("proto: wrong wireType = " + wire + " for field " + field);
        }
        return field.index();
      }
      if (child instanceof ProtoNode inner && wire == 2) {
        int end = end();
        embeddings.push(new Embedding(here, limit));
        node = inner;
        limit = end;
      } else {
        skip();
      }
    }
  }

  private static DecodeException truncated() {
    return new DecodeException("unexpected EOF");
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= buffer.length) {
        throw truncated();
      }
      byte b = buffer[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new DecodeException("proto: integer overflow");
  }

  /** Reads a length and returns where what it measures ends. */
  private int end() {
    long length = varint();
    if (length < 0 || length > limit - at) {
      throw truncated();
    }
    return at + (int) length;
  }

  private void skip() {
    switch (wire) {
      case 0 -> varint();
      case 1 -> at += 8;
      case 2 -> at = end();
      case 5 -> at += 4;
      default -> throw new DecodeException("proto: illegal wireType " + wire);
    }
    if (at > limit) {
      throw truncated();
    }
  }

  @Override
  public String string() {
    int end = end();
    String text = new String(buffer, at, end - at, StandardCharsets.UTF_8);
    at = end;
    return text;
  }

  @Override
  public int int32() {
    return (int) varint();
  }

  @Override
  public long int64() {
    return varint();
  }

  @Override
  public boolean bool() {
    return varint() != 0;
  }

  @Override
  public @Nullable Object value(Field field) {
    return element(field.type());
  }

  @Override
  public <M extends Message<M>> M message(Schema<M> schema) {
    return body(schema, end());
  }

  @Override
  public <M extends Message<M>> M messageOrNull(Schema<M> schema) {
    return message(schema);
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> List<T> list(Field field, List<T> soFar) {
    Elements<T> list;
    if (soFar instanceof Elements<T> own) {
      list = own;
    } else {
      list = new Elements<>();
      list.addAll(soFar);
    }
    list((ListOf) field.type(), (List<Object>) list);
    return list;
  }

  private void list(ListOf type, List<Object> list) {
    FieldType element = type.element();
    if (type.wrapped()) {
      int end = end();
      while (at < end) {
        long tag = varint();
        wire = (int) tag & 7;
        if (tag >>> 3 == 1) {
          list.add(JsonObjectReader.orZero(element, element(element)));
        } else {
          skip();
        }
      }
    } else if (wire == 2 && element instanceof Scalar(Kind kind) && packable(kind)) {
      int end = end();
      while (at < end) {
        list.add(scalar(kind));
      }
    } else {
      list.add(JsonObjectReader.orZero(element, element(element)));
    }
  }

  private static boolean packable(Kind kind) {
    return switch (kind) {
      case INT32, INT64, BOOL, DOUBLE -> true;
      default -> false;
    };
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> Map<String, T> map(Field field, Map<String, T> soFar) {
    Entries<T> map;
    if (soFar instanceof Entries<T> own) {
      map = own;
    } else {
      map = new Entries<>();
      map.putAll(soFar);
    }
    FieldType type = ((MapOf) field.type()).value();
    int end = end();
    int outer = limit;
    limit = end;
    String key = "";
    Object value = null;
    while (at < end) {
      long tag = varint();
      wire = (int) tag & 7;
      switch ((int) (tag >>> 3)) {
        case 1 -> key = string();
        case 2 -> value = element(type);
        default -> skip();
      }
    }
    limit = outer;
    map.put(key, (T) JsonObjectReader.orZero(type, value));
    return map;
  }

  private @Nullable Object element(FieldType type) {
    return switch (type) {
      case Ref ref -> message(ref.schema());
      case ListOf list -> {
        List<Object> elements = new ArrayList<>();
        list(list, elements);
        yield List.copyOf(elements);
      }
      case MapOf _ -> throw new DecodeException("proto: a map is no element");
      case Scalar(Kind kind) -> scalar(kind);
    };
  }

  private @Nullable Object scalar(Kind kind) {
    return switch (kind) {
      case STRING -> string();
      case INT32 -> int32();
      case INT64 -> int64();
      case BOOL -> bool();
      case DOUBLE -> {
        if (at + 8 > limit) {
          throw truncated();
        }
        long bits = 0;
        for (int i = 0; i < 8; i++) {
          bits |= (buffer[at++] & 0xffL) << (8 * i);
        }
        yield Double.longBitsToDouble(bits);
      }
      case BYTES -> {
        int end = end();
        Bytes bytes = Bytes.of(buffer, at, end);
        at = end;
        yield bytes;
      }
      default -> {
        int end = end();
        int outer = limit;
        limit = end;
        Object value = struct(kind, end);
        limit = outer;
        yield value;
      }
    };
  }

  /** The kinds that are messages in protobuf. Null where the message says absence. */
  private @Nullable Object struct(Kind kind, int end) {
    boolean empty = at == end;
    long first = 0;
    long second = 0;
    String text = "";
    RawJson raw = null;
    JSONSchemaProps schema = null;
    List<JSONSchemaProps> schemas = new ArrayList<>(0);
    List<String> names = new ArrayList<>(0);
    while (at < end) {
      int tag = (int) varint();
      wire = tag & 7;
      int number = tag >>> 3;
      switch (kind) {
        case TIME, MICRO_TIME, DURATION, INT_OR_STRING -> {
          if (wire == 0 && number == 1) {
            first = varint();
          } else if (wire == 0 && number == 2) {
            second = varint();
          } else if (wire == 2 && number == 3) {
            text = string();
          } else {
            skip();
          }
        }
        case QUANTITY -> {
          if (wire == 2 && number == 1) {
            text = string();
          } else {
            skip();
          }
        }
        case RAW -> {
          if (wire == 2 && number == 1) {
            int stop = end();
            raw = RawJson.of(buffer, at, stop);
            at = stop;
          } else {
            skip();
          }
        }
        default -> {
          int one = kind == Kind.SCHEMA_OR_BOOL ? 2 : 1;
          if (wire == 0 && number == 1) {
            first = varint();
          } else if (wire == 2 && number == one) {
            schema = message(JSONSchemaProps.SCHEMA);
          } else if (wire == 2 && number == 2 && kind == Kind.SCHEMA_OR_ARRAY) {
            schemas.add(message(JSONSchemaProps.SCHEMA));
          } else if (wire == 2 && number == 2) {
            names.add(string());
          } else {
            skip();
          }
        }
      }
    }
    try {
      return switch (kind) {
        case TIME -> empty ? null : Instant.ofEpochSecond(first);
        case MICRO_TIME -> empty ? null : Instant.ofEpochSecond(first, second / 1000 * 1000);
        case DURATION -> Duration.ofNanos(first);
        case QUANTITY -> text.isEmpty() ? Quantity.ZERO : Scalars.parse(kind, text);
        case INT_OR_STRING -> first == 1 ? IntOrString.of(text) : IntOrString.of((int) second);
        case RAW -> raw;
        case SCHEMA_OR_BOOL -> new JSONSchemaPropsOrBool(first != 0, schema);
        case SCHEMA_OR_ARRAY -> new JSONSchemaPropsOrArray(schema, schemas);
        case SCHEMA_OR_STRINGS -> new JSONSchemaPropsOrStringArray(schema, names);
        default -> throw new IllegalArgumentException(kind + " is no message");
      };
    } catch (DateTimeException | ArithmeticException e) {
      throw new DecodeException("proto: a time out of range", e);
    }
  }
}
