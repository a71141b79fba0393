package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.JsonObjectReader;
import io.jurumudi.apiserver.registry.ClientForm;
import io.jurumudi.apiserver.registry.StoredForm;
import io.jurumudi.machinery.apply.ValueType;
import io.jurumudi.machinery.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How the objects of a custom kind are stored, JSON in the version that is stored, and how they
 * look in one version. What was stored under an older definition is read as the present one has it.
 */
final class CustomForm implements StoredForm<CustomObject>, ClientForm<CustomObject> {
  private final CustomVersion shown;
  private final CustomVersion stored;
  private final Map<String, CustomVersion> versions;
  private final Converter converter;
  private final ValueType valueType;

  /**
   * @param versions all versions by their apiVersions
   */
  CustomForm(
      CustomVersion shown,
      CustomVersion stored,
      Map<String, CustomVersion> versions,
      Converter converter) {
    this.shown = shown;
    this.stored = stored;
    this.versions = Map.copyOf(versions);
    this.converter = converter;
    this.valueType = ValueTypes.root(shown.keepsUnknown() ? null : shown.structure());
  }

  @Override
  public byte[] write(CustomObject object) {
    CustomObject converted =
        object.schema() == stored.schema()
            ? object
            : converter.convert(List.of(object), stored.schema()).getFirst();
    return Json.write(stored.pruned(converted, unknown -> {}));
  }

  @Override
  public CustomObject read(byte[] bytes) {
    return readAll(List.of(bytes)).getFirst();
  }

  @Override
  public List<CustomObject> readAll(List<byte[]> all) {
    List<CustomObject> objects = new ArrayList<>(all.size());
    boolean foreign = false;
    for (byte[] bytes : all) {
      CustomObject object = parse(bytes);
      foreign |= object.schema() != shown.schema();
      objects.add(object);
    }
    if (!foreign) {
      return objects;
    }
    List<CustomObject> converted = new ArrayList<>(all.size());
    for (CustomObject object : converter.convert(objects, shown.schema())) {
      converted.add(shown.pruned(object, unknown -> {}));
    }
    return converted;
  }

  private CustomObject parse(byte[] bytes) {
    JsonObjectReader.Result<CustomObject> result =
        JsonObjectReader.read(shown.schema(), bytes, false);
    CustomVersion version = versions.getOrDefault(result.apiVersion(), shown);
    CustomObject object = result.message().as(version.schema());
    if (object.metadata().generation() == 0) {
      object = object.withMetadata(object.metadata().toBuilder().generation(1).build());
    }
    return version.filled(version.pruned(object, unknown -> {}));
  }

  @Override
  public CustomObject received(CustomObject object, Consumer<String> unknown) {
    return shown.pruned(object, Objects.requireNonNull(unknown));
  }

  @Override
  public ValueType valueType() {
    return valueType;
  }
}
