package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.machinery.apply.SchemaValueType;
import io.jurumudi.machinery.apply.ValueType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A custom kind's schema as server-side apply sees it. */
final class ValueTypes {
  private ValueTypes() {}

  /**
   * The type of whole objects.
   *
   * @param schema null for a kind that keeps all fields and says nothing of them
   */
  static ValueType root(@Nullable StructuralSchema schema) {
    return new Structure(schema == null ? StructuralSchema.NOTHING : schema, schema == null, true);
  }

  private static ValueType of(StructuralSchema schema) {
    if (schema.intOrString()) {
      return ValueType.SCALAR;
    }
    return switch (schema.type()) {
      case "object" ->
          schema.properties().isEmpty() && !schema.takesAdditional() && schema.preservesUnknown()
              ? new Structure(schema, true, false)
              : new Structure(schema, schema.preservesUnknown(), false);
      case "array" -> new Elements(schema);
      case "string" -> new Plain(ValueType.Scalar.STRING);
      case "integer", "number" -> new Plain(ValueType.Scalar.NUMBER);
      case "boolean" -> new Plain(ValueType.Scalar.BOOLEAN);
      default -> ValueType.DEDUCED;
    };
  }

  private record Plain(Scalar scalar) implements ValueType {
    @Override
    public Shape shape() {
      return Shape.SCALAR;
    }
  }

  private record Elements(StructuralSchema schema) implements ValueType {
    @Override
    public Shape shape() {
      return Shape.LIST;
    }

    @Override
    public boolean atomic() {
      return schema.listType().isEmpty() || schema.listType().equals("atomic");
    }

    @Override
    public List<String> keys() {
      return schema.listType().equals("map") ? schema.listMapKeys() : List.of();
    }

    @Override
    public ValueType element() {
      StructuralSchema items = schema.items();
      return items == null ? ValueType.DEDUCED : of(items);
    }
  }

  /** An object. */
  private static final class Structure implements ValueType {
    private final StructuralSchema schema;
    private final boolean open;
    private final boolean root;
    private final Map<String, ValueType> fields = new ConcurrentHashMap<>();

    Structure(StructuralSchema schema, boolean open, boolean root) {
      this.schema = schema;
      this.open = open || schema.preservesUnknown();
      this.root = root;
    }

    @Override
    public Shape shape() {
      return Shape.MAP;
    }

    @Override
    public boolean atomic() {
      return schema.mapType().equals("atomic");
    }

    @Override
    public boolean open() {
      return open || schema.takesAdditional();
    }

    @Override
    public ValueType element() {
      StructuralSchema rest = schema.additional();
      return rest == null ? ValueType.DEDUCED : of(rest);
    }

    @Override
    public @Nullable ValueType field(String name) {
      ValueType known = fields.get(name);
      if (known != null) {
        return known;
      }
      ValueType found = find(name);
      if (found != null) {
        fields.put(name, found);
      }
      return found;
    }

    private @Nullable ValueType find(String name) {
      if (root || schema.embedded()) {
        switch (name) {
          case "metadata" -> {
            return SchemaValueType.of(ObjectMeta.SCHEMA);
          }
          case "apiVersion", "kind" -> {
            return ValueType.SCALAR;
          }
          default -> {}
        }
      }
      StructuralSchema property = schema.properties().get(name);
      return property == null ? null : of(property);
    }

    @Override
    public @Nullable Object keyDefault(String name) {
      StructuralSchema property = schema.properties().get(name);
      return property == null ? null : property.byDefault();
    }
  }
}
