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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages as trees, see {@link JsonTree}: what JSON would hold, with null where JSON has
 * null. The trees are new and may be changed.
 */
public final class TreeObjectWriter implements ObjectWriter {
  private Map<String, @Nullable Object> out = new LinkedHashMap<>();

  private TreeObjectWriter() {}

  /** A tree with kind and apiVersion where the type has them. */
  public static Map<String, @Nullable Object> write(Message<?> message) {
    return write(message, message.schema().kind());
  }

  /** A tree with this kind and its apiVersion; without both for null. */
  public static Map<String, @Nullable Object> write(
      Message<?> message, @Nullable GroupVersionKind kind) {
    return new TreeObjectWriter().object(message, kind);
  }

  private Map<String, @Nullable Object> object(
      Message<?> message, @Nullable GroupVersionKind kind) {
    Map<String, @Nullable Object> outer = out;
    Map<String, @Nullable Object> inner = new LinkedHashMap<>();
    if (kind != null) {
      inner.put("kind", kind.kind());
      inner.put("apiVersion", kind.apiVersion());
    }
    out = inner;
    message.write(this);
    out = outer;
    return inner;
  }

  @Override
  public boolean numbered() {
    return false;
  }

  @Override
  public void string(Field field, String value) {
    if (!value.isEmpty() || !field.omitsEmpty()) {
      out.put(field.name(), value);
    }
  }

  @Override
  public void int32(Field field, int value) {
    int64(field, value);
  }

  @Override
  public void int64(Field field, long value) {
    if (value != 0 || !field.omitsEmpty()) {
      out.put(field.name(), value);
    }
  }

  @Override
  public void bool(Field field, boolean value) {
    if (value || !field.omitsEmpty()) {
      out.put(field.name(), value);
    }
  }

  @Override
  public void value(Field field, @Nullable Object value) {
    if (value == null || (value instanceof Bytes bytes && bytes.isEmpty() && !field.pointer())) {
      absent(field);
    } else {
      out.put(field.name(), element(field.type(), value));
    }
  }

  private void absent(Field field) {
    if (!field.omitsAbsent()) {
      out.put(field.name(), null);
    }
  }

  @Override
  public void any(String name, @Nullable Object tree) {
    out.put(name, copy(tree));
  }

  private static @Nullable Object copy(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, value) -> copy.put((String) key, copy(value)));
        yield copy;
      }
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        list.forEach(element -> copy.add(copy(element)));
        yield copy;
      }
      case null, default -> tree;
    };
  }

  @Override
  public void message(Field field, @Nullable Message<?> value) {
    if (value == null) {
      absent(field);
    } else if (field.omit() != Omit.ZERO || !value.equals(value.schema().empty())) {
      out.put(field.name(), object(value, field.typed() ? value.schema().kind() : null));
    }
  }

  @Override
  public void list(Field field, List<?> value) {
    if (value.isEmpty() && !field.items()) {
      absent(field);
      return;
    }
    FieldType type = ((ListOf) field.type()).element();
    List<@Nullable Object> list = new ArrayList<>(value.size());
    for (Object element : value) {
      list.add(
          field.typed() && element instanceof Message<?> message
              ? object(message, message.schema().kind())
              : element(type, element));
    }
    out.put(field.name(), list);
  }

  @Override
  public void map(Field field, Map<String, ?> value) {
    if (value.isEmpty()) {
      absent(field);
    } else {
      out.put(field.name(), element(field.type(), value));
    }
  }

  private @Nullable Object element(FieldType type, Object value) {
    return switch (type) {
      case Ref _ -> object((Message<?>) value, null);
      case ListOf(FieldType inner, boolean _) -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (Object element : (List<?>) value) {
          list.add(element(inner, element));
        }
        yield list;
      }
      case MapOf(FieldType inner) -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          map.put((String) entry.getKey(), element(inner, entry.getValue()));
        }
        yield map;
      }
      case Scalar(Kind kind) -> scalar(kind, value);
    };
  }

  private @Nullable Object scalar(Kind kind, Object value) {
    return switch (kind) {
      case INT32, INT64 -> ((Number) value).longValue();
      case DOUBLE, BOOL -> value;
      case RAW -> ((RawJson) value).toTree();
      case INT_OR_STRING ->
          switch ((IntOrString) value) {
            case IntOrString.OfInt(int number) -> (long) number;
            case IntOrString.OfString(String text) -> text;
          };
      case SCHEMA_OR_BOOL -> {
        JSONSchemaPropsOrBool either = (JSONSchemaPropsOrBool) value;
        yield either.schema() == null ? either.allows() : object(either.schema(), null);
      }
      case SCHEMA_OR_ARRAY -> {
        JSONSchemaPropsOrArray either = (JSONSchemaPropsOrArray) value;
        if (either.jsonSchemas().isEmpty()) {
          yield either.schema() == null ? null : object(either.schema(), null);
        }
        List<@Nullable Object> list = new ArrayList<>();
        either.jsonSchemas().forEach(schema -> list.add(object(schema, null)));
        yield list;
      }
      case SCHEMA_OR_STRINGS -> {
        JSONSchemaPropsOrStringArray either = (JSONSchemaPropsOrStringArray) value;
        if (either.property().isEmpty()) {
          yield either.schema() == null ? null : object(either.schema(), null);
        }
        yield new ArrayList<@Nullable Object>(either.property());
      }
      default -> Scalars.text(kind, value);
    };
  }

  @Override
  public void beginInline(int number) {}

  @Override
  public void endInline() {}
}
