package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.validation.MetadataValidation;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whole objects inside of custom objects: they have kind and metadata as others do. The rules are
 * those of upstream's pkg/apiserver/schema/objectmeta.
 */
final class EmbeddedObjects {
  private EmbeddedObjects() {}

  /**
   * The value with the metadata of its embedded objects as they are understood.
   *
   * @param unknown gets the path of each field of metadata that there is not
   * @throws ApiException when metadata are none
   */
  static @Nullable Object coerce(
      @Nullable Object value, @Nullable StructuralSchema schema, Consumer<String> unknown) {
    return coerce(value, schema, "", unknown);
  }

  private static @Nullable Object coerce(
      @Nullable Object value,
      @Nullable StructuralSchema schema,
      String path,
      Consumer<String> unknown) {
    if (schema == null) {
      return value;
    }
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> changed = null;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String name = (String) entry.getKey();
          String below = path.isEmpty() ? name : path + "." + name;
          Object old = entry.getValue();
          Object made = old;
          if (schema.embedded() && name.equals("metadata")) {
            made = metadata(old, below, unknown);
          } else if (schema.embedded() && Pruning.META.contains(name)) {
            if (!(old instanceof String)) {
              throw bad(below, old, "must be a string");
            }
          } else {
            StructuralSchema property = schema.properties().get(name);
            made = coerce(old, property == null ? schema.additional() : property, below, unknown);
          }
          if (made != old) {
            changed = changed == null ? Pruning.copy(map) : changed;
            changed.put(name, made);
          }
        }
        yield changed == null ? map : changed;
      }
      case List<?> list ->
          Pruning.list(list, path, (element, at) -> coerce(element, schema.items(), at, unknown));
      case null, default -> value;
    };
  }

  private static ApiException bad(String path, @Nullable Object value, String detail) {
    return ApiException.badRequest(FieldError.invalid(path, value, detail).toString());
  }

  private static @Nullable Object metadata(
      @Nullable Object value, String path, Consumer<String> unknown) {
    if (value == null) {
      return value;
    }
    if (!(value instanceof Map)) {
      throw bad(path, value, "must be an object");
    }
    try {
      ObjectMeta meta =
          Trees.toMessage(
              ObjectMeta.SCHEMA,
              Trees.map(value),
              error -> {
                int from = error.indexOf('"');
                if (from >= 0 && error.endsWith("\"")) {
                  unknown.accept(path + "." + error.substring(from + 1, error.length() - 1));
                }
              });
      Map<String, @Nullable Object> tree = Trees.fromMessage(meta);
      if (meta.creationTimestamp() == null) {
        tree.remove("creationTimestamp");
      }
      return tree.equals(value) ? value : tree;
    } catch (DecodeException e) {
      throw bad(path, value, String.valueOf(e.getMessage()));
    }
  }

  /** What is wrong with the embedded objects of a value. */
  static List<FieldError> validate(@Nullable Object value, @Nullable StructuralSchema schema) {
    List<FieldError> errors = new ArrayList<>();
    validate(value, schema, "", errors);
    return errors;
  }

  private static void validate(
      @Nullable Object value,
      @Nullable StructuralSchema schema,
      String path,
      List<FieldError> errors) {
    if (schema == null) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      if (schema.embedded()) {
        object(map, path, errors);
      }
      map.forEach(
          (key, below) -> {
            StructuralSchema property = schema.properties().get(key);
            if (property != null) {
              validate(below, property, path.isEmpty() ? key + "" : path + "." + key, errors);
            } else {
              validate(below, schema.additional(), path + "[" + key + "]", errors);
            }
          });
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        validate(list.get(i), schema.items(), path + "[" + i + "]", errors);
      }
    }
  }

  private static void object(Map<?, ?> map, String path, List<FieldError> errors) {
    String prefix = path.isEmpty() ? "" : path + ".";
    for (String name : List.of("apiVersion", "kind")) {
      String field = prefix + name;
      if (!map.containsKey(name)) {
        errors.add(new FieldError(FieldError.Type.REQUIRED, field, "", ""));
      } else if (!(map.get(name) instanceof String text)) {
        errors.add(FieldError.invalid(field, map.get(name), "must be a string"));
      } else if (text.isEmpty()) {
        errors.add(FieldError.invalid(field, text, "must not be empty"));
      } else if (name.equals("apiVersion")) {
        if (text.indexOf('/') != text.lastIndexOf('/')) {
          errors.add(FieldError.invalid(field, text, "unexpected GroupVersion string: " + text));
        }
      } else {
        List<String> wrong = Names.isDns1035Label(text.toLowerCase(Locale.ROOT));
        if (!wrong.isEmpty()) {
          errors.add(
              FieldError.invalid(
                  field,
                  text,
                  "may have mixed case, but should otherwise match: " + String.join(",", wrong)));
        }
      }
    }
    if (map.get("metadata") instanceof Map<?, ?> tree) {
      ObjectMeta meta = Trees.toMessage(ObjectMeta.SCHEMA, Trees.map(tree));
      ObjectMeta named = meta.name().isEmpty() ? meta.toBuilder().name("fakename").build() : meta;
      for (FieldError error :
          MetadataValidation.create(named, !named.namespace().isEmpty(), NameRule.PATH_SEGMENT)) {
        errors.add(
            new FieldError(error.type(), prefix + error.field(), error.badValue(), error.detail()));
      }
    }
  }
}
