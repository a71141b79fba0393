package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.Schema;
import java.util.List;

/** Makes objects of one version of a custom kind from those of others. */
interface Converter {
  /**
   * The objects in a version, in the same order.
   *
   * @param objects of any versions of the kind
   * @throws io.jurumudi.machinery.errors.ApiException when one cannot be converted
   */
  List<CustomObject> convert(List<CustomObject> objects, Schema<CustomObject> version);

  /** Versions that differ in their names only. */
  Converter NONE =
      (objects, version) -> objects.stream().map(object -> object.as(version)).toList();
}
