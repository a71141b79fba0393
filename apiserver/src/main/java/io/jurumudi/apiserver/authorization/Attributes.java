package io.jurumudi.apiserver.authorization;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.selectors.FieldSelector;

/**
 * What a request wants to do.
 *
 * @param verb get list watch create update patch delete deletecollection for resources, the HTTP
 *     method in lower case for other paths
 * @param resourceRequest false for a path outside the API groups, where only {@code path} counts
 * @param namespace empty for a cluster-wide request
 * @param name empty when the request names no object
 * @param fields what a list or watch is limited to; everything if it is not
 * @param path the request's path, for a request that is not for a resource
 */
public record Attributes(
    UserInfo user,
    String verb,
    boolean resourceRequest,
    String namespace,
    String apiGroup,
    String apiVersion,
    String resource,
    String subresource,
    String name,
    String path,
    FieldSelector fields) {

  public static Attributes ofResource(
      UserInfo user,
      String verb,
      String namespace,
      String apiGroup,
      String apiVersion,
      String resource,
      String subresource,
      String name) {
    return new Attributes(
        user,
        verb,
        true,
        namespace,
        apiGroup,
        apiVersion,
        resource,
        subresource,
        name,
        "",
        FieldSelector.EVERYTHING);
  }

  public static Attributes ofPath(UserInfo user, String verb, String path) {
    return new Attributes(
        user, verb, false, "", "", "", "", "", "", path, FieldSelector.EVERYTHING);
  }

  /** The same, limited to what a selector chooses. */
  public Attributes limitedTo(FieldSelector selector) {
    return new Attributes(
        user,
        verb,
        resourceRequest,
        namespace,
        apiGroup,
        apiVersion,
        resource,
        subresource,
        name,
        path,
        selector);
  }
}
