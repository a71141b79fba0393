package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.Schema;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One version of a custom kind: what its objects hold. Immutable.
 *
 * @param structure what fields there are; null when nothing is said of them
 * @param rules that its values must keep; null where there are none
 * @param keepsUnknown whether fields that are not declared stay anywhere
 */
record CustomVersion(
    CustomResourceDefinitionVersion definition,
    Schema<CustomObject> schema,
    @Nullable StructuralSchema structure,
    @Nullable ValueRules values,
    @Nullable Rules rules,
    boolean keepsUnknown) {

  static CustomVersion of(
      CustomResourceDefinitionVersion version, Schema<CustomObject> schema, boolean keepsUnknown) {
    var validation = version.schema_();
    var properties = validation == null ? null : validation.openAPIV3Schema();
    StructuralSchema structure = properties == null ? null : StructuralSchema.of(properties);
    return new CustomVersion(
        version,
        schema,
        structure,
        properties == null ? null : ValueRules.of(properties),
        structure == null ? null : Rules.of(structure),
        keepsUnknown);
  }

  boolean hasStatus() {
    var subresources = definition.subresources();
    return subresources != null && subresources.status() != null;
  }

  /**
   * The object without what the version does not know.
   *
   * @param unknown gets the path of each field that is left out
   */
  CustomObject pruned(CustomObject object, Consumer<String> unknown) {
    Object content = object.content();
    if (!keepsUnknown) {
      StructuralSchema root = (structure == null ? StructuralSchema.NOTHING : structure).asRoot();
      content = Pruning.prune(content, root, unknown);
      content = Defaults.withoutNulls(content, structure);
    }
    content = EmbeddedObjects.coerce(content, structure, unknown);
    return with(object, content);
  }

  /** The object with what is absent filled in. */
  CustomObject filled(CustomObject object) {
    return with(object, Defaults.fill(object.content(), structure));
  }

  @SuppressWarnings("unchecked") // An object's content is such a map.
  private static CustomObject with(CustomObject object, @Nullable Object content) {
    return content == null || content == object.content()
        ? object
        : object.withContent((Map<String, @Nullable Object>) content);
  }
}
