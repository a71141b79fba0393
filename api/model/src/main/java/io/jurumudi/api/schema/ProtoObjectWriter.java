package io.jurumudi.api.schema;

import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrStringArray;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages in protobuf, byte for byte as upstream's generated code: fields by number, what
 * is no pointer even when zero, maps by key. Kind and apiVersion are not in a message; they travel
 * in the envelope around it. Not safe for use by several threads.
 */
public final class ProtoObjectWriter implements ObjectWriter {
  private byte[] buffer = new byte[512];
  private int size;
  private int[] starts = new int[16];
  private int open;

  private ProtoObjectWriter() {}

  public static byte[] write(Message<?> message) {
    ProtoObjectWriter writer = new ProtoObjectWriter();
    message.write(writer);
    return Arrays.copyOf(writer.buffer, writer.size);
  }

  @Override
  public void any(String name, @Nullable Object tree) {
    throw new UnsupportedOperationException("objects of custom kinds have no form in protobuf");
  }

  @Override
  public boolean numbered() {
    return true;
  }

  private void reserve(int more) {
    if (size + more > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(size + more, buffer.length * 2));
    }
  }

  private void varint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[size++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  /** Starts something whose length is not known yet: a byte is kept free for it. */
  private void begin(int tag) {
    varint(tag);
    reserve(1);
    if (open == starts.length) {
      starts = Arrays.copyOf(starts, open * 2);
    }
    starts[open++] = ++size;
  }

  /** Fills in the length; a longer one moves what was written. */
  private void end() {
    int start = starts[--open];
    int length = size - start;
    if (length < 0x80) {
      buffer[start - 1] = (byte) length;
      return;
    }
    int extra = (31 - Integer.numberOfLeadingZeros(length)) / 7;
    reserve(extra);
    System.arraycopy(buffer, start, buffer, start + extra, length);
    int at = start - 1;
    int rest = length;
    while (rest >= 0x80) {
      buffer[at++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer[at] = (byte) rest;
    size += extra;
  }

  private void text(int tag, String value) {
    int length = value.length();
    boolean ascii = true;
    for (int i = 0; i < length && ascii; i++) {
      ascii = value.charAt(i) < 0x80;
    }
    varint(tag);
    if (ascii) {
      varint(length);
      reserve(length);
      for (int i = 0; i < length; i++) {
        buffer[size++] = (byte) value.charAt(i);
      }
    } else {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      varint(bytes.length);
      reserve(bytes.length);
      System.arraycopy(bytes, 0, buffer, size, bytes.length);
      size += bytes.length;
    }
  }

  private static int lengthDelimited(int number) {
    return number << 3 | 2;
  }

  private static int tag(int number, FieldType type) {
    int wire =
        type instanceof Scalar(Kind kind)
            ? switch (kind) {
              case INT32, INT64, BOOL -> 0;
              case DOUBLE -> 1;
              default -> 2;
            }
            : 2;
    return number << 3 | wire;
  }

  @Override
  public void string(Field field, String value) {
    text(field.tag, value);
  }

  @Override
  public void int32(Field field, int value) {
    int64(field, value);
  }

  @Override
  public void int64(Field field, long value) {
    varint(field.tag);
    varint(value);
  }

  @Override
  public void bool(Field field, boolean value) {
    int64(field, value ? 1 : 0);
  }

  @Override
  public void value(Field field, @Nullable Object value) {
    if (value != null) {
      if (!(value instanceof Bytes bytes && bytes.isEmpty() && !field.pointer())) {
        element(field.tag, field.type(), value);
      }
    } else if (!field.pointer()) {
      begin(field.tag); // a struct that is not there is an empty message
      end();
    }
  }

  @Override
  public void message(Field field, @Nullable Message<?> value) {
    if (value != null) {
      begin(field.tag);
      value.write(this);
      end();
    }
  }

  @Override
  public void list(Field field, List<?> value) {
    if (!value.isEmpty()) {
      list(field.tag, (ListOf) field.type(), value);
    }
  }

  private void list(int tag, ListOf type, List<?> value) {
    if (type.wrapped()) {
      begin(tag);
      int inner = tag(1, type.element());
      value.forEach(element -> element(inner, type.element(), element));
      end();
    } else {
      value.forEach(element -> element(tag, type.element(), element));
    }
  }

  @Override
  public void map(Field field, Map<String, ?> value) {
    FieldType type = ((MapOf) field.type()).value();
    for (Map.Entry<String, ?> entry : value.entrySet()) {
      begin(field.tag);
      text(lengthDelimited(1), entry.getKey());
      element(tag(2, type), type, entry.getValue());
      end();
    }
  }

  private void element(int tag, FieldType type, Object value) {
    switch (type) {
      case Ref _ -> {
        begin(tag);
        ((Message<?>) value).write(this);
        end();
      }
      case ListOf list -> list(tag, list, (List<?>) value);
      case MapOf _ -> throw new IllegalArgumentException("protobuf has no map as an element");
      case Scalar(Kind kind) -> scalar(tag, kind, value);
    }
  }

  private void scalar(int tag, Kind kind, Object value) {
    switch (kind) {
      case STRING -> text(tag, (String) value);
      case INT32, INT64 -> {
        varint(tag);
        varint(((Number) value).longValue());
      }
      case BOOL -> {
        varint(tag);
        varint((boolean) value ? 1 : 0);
      }
      case DOUBLE -> {
        varint(tag);
        reserve(8);
        long bits = Double.doubleToRawLongBits((double) value);
        for (int i = 0; i < 8; i++) {
          buffer[size++] = (byte) (bits >>> (8 * i));
        }
      }
      case BYTES -> bytes(tag, (Bytes) value);
      case RAW -> {
        begin(tag);
        RawJson json = (RawJson) value;
        varint(lengthDelimited(1));
        varint(json.size());
        reserve(json.size());
        json.copyTo(buffer, size);
        size += json.size();
        end();
      }
      default -> {
        begin(tag);
        struct(kind, value);
        end();
      }
    }
  }

  private void bytes(int tag, Bytes bytes) {
    varint(tag);
    varint(bytes.size());
    reserve(bytes.size());
    bytes.copyTo(buffer, size);
    size += bytes.size();
  }

  private void numbered(int number, long value) {
    varint(number << 3);
    varint(value);
  }

  /** The kinds that are messages in protobuf. */
  private void struct(Kind kind, Object value) {
    switch (kind) {
      case TIME, MICRO_TIME -> {
        Instant time = (Instant) value;
        numbered(1, time.getEpochSecond());
        numbered(2, kind == Kind.TIME ? 0 : time.getNano() / 1000 * 1000);
      }
      case DURATION -> numbered(1, ((Duration) value).toNanos());
      case QUANTITY -> text(lengthDelimited(1), value.toString());
      case INT_OR_STRING -> {
        IntOrString either = (IntOrString) value;
        numbered(1, either instanceof IntOrString.OfString ? 1 : 0);
        numbered(2, either instanceof IntOrString.OfInt(int number) ? number : 0);
        text(lengthDelimited(3), either instanceof IntOrString.OfString(String text) ? text : "");
      }
      case SCHEMA_OR_BOOL -> {
        JSONSchemaPropsOrBool either = (JSONSchemaPropsOrBool) value;
        numbered(1, either.allows() ? 1 : 0);
        schema(2, either.schema());
      }
      case SCHEMA_OR_ARRAY -> {
        JSONSchemaPropsOrArray either = (JSONSchemaPropsOrArray) value;
        schema(1, either.schema());
        either.jsonSchemas().forEach(schema -> schema(2, schema));
      }
      case SCHEMA_OR_STRINGS -> {
        JSONSchemaPropsOrStringArray either = (JSONSchemaPropsOrStringArray) value;
        schema(1, either.schema());
        either.property().forEach(name -> text(lengthDelimited(2), name));
      }
      default -> throw new IllegalArgumentException(kind + " is no message");
    }
  }

  private void schema(int number, @Nullable Message<?> schema) {
    if (schema != null) {
      begin(lengthDelimited(number));
      schema.write(this);
      end();
    }
  }

  @Override
  public void beginInline(int number) {
    begin(lengthDelimited(number));
  }

  @Override
  public void endInline() {
    end();
  }
}
