package io.jurumudi.machinery.patch;

import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.schema.Schema;
import org.jspecify.annotations.Nullable;

/** A model type as strategic merge patch sees it. */
public final class SchemaPatchType implements PatchType {
  private static final PatchField TYPE_META = new PatchField("", "", null);

  private final Schema<?> schema;

  public SchemaPatchType(Schema<?> schema) {
    this.schema = schema;
  }

  @Override
  public String name() {
    return schema.goName();
  }

  @Override
  public @Nullable PatchField field(String name) {
    Field field = schema.field(name);
    if (field == null) {
      return schema.typeMeta() && (name.equals("apiVersion") || name.equals("kind"))
          ? TYPE_META
          : null;
    }
    String strategy = field.patchStrategy();
    String mergeKey = field.patchMergeKey();
    return new PatchField(
        strategy == null ? "" : strategy, mergeKey == null ? "" : mergeKey, type(field.type()));
  }

  private static @Nullable PatchType type(FieldType type) {
    return switch (type) {
      case Ref ref -> new SchemaPatchType(ref.schema());
      case ListOf list -> type(list.element());
      case MapOf map -> new MapType(type(map.value()));
      case Scalar scalar -> null;
    };
  }

  /** A map: every key is a field. */
  private record MapType(@Nullable PatchType value) implements PatchType {
    @Override
    public String name() {
      return "map";
    }

    @Override
    public PatchField field(String name) {
      return new PatchField("", "", value);
    }
  }
}
