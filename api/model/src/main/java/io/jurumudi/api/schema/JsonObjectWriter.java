package io.jurumudi.api.schema;

import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrStringArray;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes messages as JSON, byte for byte as upstream does. */
public final class JsonObjectWriter implements ObjectWriter {
  private final JsonText out;

  private JsonObjectWriter(int capacity) {
    this.out = new JsonText(capacity);
  }

  /** JSON with kind and apiVersion where the type has them. */
  public static byte[] write(Message<?> message) {
    return write(message, message.schema().kind());
  }

  /** JSON with this kind and its apiVersion; without both for null. */
  public static byte[] write(Message<?> message, @Nullable GroupVersionKind kind) {
    JsonObjectWriter writer = new JsonObjectWriter(1024);
    writer.object(message, kind);
    return writer.out.toArray();
  }

  private void object(Message<?> message, @Nullable GroupVersionKind kind) {
    out.open('{');
    if (kind != null) {
      out.key("kind");
      out.string(kind.kind());
      out.comma();
      out.key("apiVersion");
      out.string(kind.apiVersion());
    }
    message.write(this);
    out.close('}');
  }

  @Override
  public boolean numbered() {
    return false;
  }

  private void key(Field field) {
    out.comma();
    out.bytes(field.jsonKey);
  }

  @Override
  public void string(Field field, String value) {
    if (!value.isEmpty() || !field.omitsEmpty()) {
      key(field);
      out.string(value);
    }
  }

  @Override
  public void int32(Field field, int value) {
    int64(field, value);
  }

  @Override
  public void int64(Field field, long value) {
    if (value != 0 || !field.omitsEmpty()) {
      key(field);
      out.number(value);
    }
  }

  @Override
  public void bool(Field field, boolean value) {
    if (value || !field.omitsEmpty()) {
      key(field);
      out.bool(value);
    }
  }

  @Override
  public void value(Field field, @Nullable Object value) {
    if (value == null) {
      absent(field);
    } else if (value instanceof Bytes bytes && bytes.isEmpty() && !field.pointer()) {
      absent(field);
    } else {
      key(field);
      element(field.type(), value);
    }
  }

  private void absent(Field field) {
    if (!field.omitsAbsent()) {
      key(field);
      out.nothing();
    }
  }

  @Override
  public void any(String name, @Nullable Object tree) {
    out.comma();
    out.key(name);
    JsonTree.write(tree, out);
  }

  @Override
  public void message(Field field, @Nullable Message<?> value) {
    if (value == null) {
      absent(field);
    } else if (field.omit() != Omit.ZERO || !value.equals(value.schema().empty())) {
      key(field);
      object(value, field.typed() ? value.schema().kind() : null);
    }
  }

  @Override
  public void list(Field field, List<?> value) {
    if (!value.isEmpty()) {
      key(field);
      elements(((ListOf) field.type()).element(), value, field.typed());
    } else if (field.items()) {
      key(field);
      out.open('[');
      out.close(']');
    } else {
      absent(field);
    }
  }

  @Override
  public void map(Field field, Map<String, ?> value) {
    if (value.isEmpty()) {
      absent(field);
    } else {
      key(field);
      entries(((MapOf) field.type()).value(), value);
    }
  }

  private void elements(FieldType type, Iterable<?> list, boolean typed) {
    out.open('[');
    for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
      Object element = i.next();
      out.comma();
      if (typed && element instanceof Message<?> message) {
        object(message, message.schema().kind());
      } else {
        element(type, element);
      }
    }
    out.close(']');
  }

  private void entries(FieldType type, Map<String, ?> map) {
    out.open('{');
    for (Map.Entry<String, ?> entry : map.entrySet()) {
      out.comma();
      out.key(entry.getKey());
      element(type, entry.getValue());
    }
    out.close('}');
  }

  private void element(FieldType type, Object value) {
    switch (type) {
      case Ref _ -> object((Message<?>) value, null);
      case ListOf(FieldType element, boolean _) -> elements(element, (List<?>) value, false);
      case MapOf(FieldType element) -> {
        @SuppressWarnings("unchecked")
        Map<String, ?> map = (Map<String, ?>) value;
        entries(element, map);
      }
      case Scalar(Kind kind) -> scalar(kind, value);
    }
  }

  private void scalar(Kind kind, Object value) {
    switch (kind) {
      case INT32, INT64 -> out.number(((Number) value).longValue());
      case DOUBLE -> out.number((double) value);
      case BOOL -> out.bool((boolean) value);
      case RAW -> out.raw((RawJson) value);
      case INT_OR_STRING -> {
        switch ((IntOrString) value) {
          case IntOrString.OfInt(int number) -> out.number(number);
          case IntOrString.OfString(String text) -> out.string(text);
        }
      }
      case SCHEMA_OR_BOOL -> {
        JSONSchemaPropsOrBool either = (JSONSchemaPropsOrBool) value;
        schemaOr(either.schema(), () -> out.bool(either.allows()));
      }
      case SCHEMA_OR_ARRAY -> {
        JSONSchemaPropsOrArray either = (JSONSchemaPropsOrArray) value;
        if (either.jsonSchemas().isEmpty()) {
          schemaOr(either.schema(), out::nothing);
        } else {
          out.open('[');
          for (Message<?> schema : either.jsonSchemas()) {
            out.comma();
            object(schema, null);
          }
          out.close(']');
        }
      }
      case SCHEMA_OR_STRINGS -> {
        JSONSchemaPropsOrStringArray either = (JSONSchemaPropsOrStringArray) value;
        if (either.property().isEmpty()) {
          schemaOr(either.schema(), out::nothing);
        } else {
          elements(new Scalar(Kind.STRING), either.property(), false);
        }
      }
      default -> out.string(Scalars.text(kind, value));
    }
  }

  private void schemaOr(@Nullable Message<?> schema, Runnable otherwise) {
    if (schema != null) {
      object(schema, null);
    } else {
      otherwise.run();
    }
  }

  @Override
  public void beginInline(int number) {}

  @Override
  public void endInline() {}
}
