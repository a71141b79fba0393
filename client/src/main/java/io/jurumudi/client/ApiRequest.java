package io.jurumudi.client;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.Message;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One verb on one resource.
 *
 * @param verb get, list, watch, create, update, patch, delete or deletecollection
 * @param namespace empty for resources without namespaces and for all namespaces
 * @param name empty for collections, and on create
 * @param subresource as in "status"; empty for the object itself
 * @param query labelSelector, fieldSelector, limit, continue, resourceVersion,
 *     resourceVersionMatch, dryRun, fieldManager, force, … by their names in a URL
 * @param body what is created or updated, or the options of a delete
 */
public record ApiRequest(
    String verb,
    ResourceType<?> resource,
    String namespace,
    String name,
    String subresource,
    Map<String, String> query,
    @Nullable Message<?> body,
    @Nullable Patch patch) {
  public ApiRequest {
    query = Map.copyOf(query);
  }

  /** A request without query, body and patch. */
  public static ApiRequest of(
      String verb, ResourceType<?> resource, String namespace, String name) {
    return new ApiRequest(verb, resource, namespace, name, "", Map.of(), null, null);
  }

  public ApiRequest withSubresource(String newSubresource) {
    return new ApiRequest(verb, resource, namespace, name, newSubresource, query, body, patch);
  }

  public ApiRequest withBody(@Nullable Message<?> newBody) {
    return new ApiRequest(verb, resource, namespace, name, subresource, query, newBody, patch);
  }

  public ApiRequest withPatch(Patch newPatch) {
    return new ApiRequest(verb, resource, namespace, name, subresource, query, body, newPatch);
  }

  public ApiRequest withQuery(Map<String, String> newQuery) {
    return new ApiRequest(verb, resource, namespace, name, subresource, newQuery, body, patch);
  }

  public ApiRequest withQuery(String key, String value) {
    Map<String, String> more = new TreeMap<>(query);
    more.put(key, value);
    return withQuery(more);
  }

  /** The path in a URL, as in {@code /api/v1/namespaces/default/pods/web/log}, not encoded. */
  public String path() {
    StringBuilder path = new StringBuilder();
    path.append(resource.group().isEmpty() ? "/api/" : "/apis/").append(resource.apiVersion());
    if (resource.namespaced() && !namespace.isEmpty()) {
      path.append("/namespaces/").append(namespace);
    }
    path.append('/').append(resource.plural());
    if (!name.isEmpty()) {
      path.append('/').append(name);
    }
    if (!subresource.isEmpty()) {
      path.append('/').append(subresource);
    }
    return path.toString();
  }
}
