package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ServedVersion;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import java.util.List;

/**
 * What a verb is applied to.
 *
 * @param namespace empty for a cluster-wide resource, or for all namespaces
 * @param name empty for a collection
 */
public record Target<V extends KubernetesObject<V>, T extends KubernetesObject<T>>(
    Resource<T> resource,
    ServedVersion<V, T> version,
    String namespace,
    String name,
    String subresource) {

  String key() {
    return resource.key(namespace, name);
  }

  ApiException notFound() {
    return ApiException.notFound(resource.type(), name);
  }

  ApiException conflict() {
    return conflict(
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  ApiException conflict(String why) {
    return ApiException.conflict(resource.type(), name, why);
  }

  ApiException invalid(String objectName, List<FieldError> errors) {
    return ApiException.invalid(
        resource.type().group(), resource.type().kind(), objectName, errors);
  }
}
