package io.jurumudi.apiserver.openapi;

import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.v1.APIGroup;
import io.jurumudi.api.meta.v1.APIGroupList;
import io.jurumudi.api.meta.v1.APIResourceList;
import io.jurumudi.api.meta.v1.APIVersions;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.openapi.Operation.Content;
import java.util.List;
import java.util.Map;

/** The operations that are about no resource: discovery, the version, how tokens are signed. */
final class GeneralOperations {
  static final String VERSION_INFO = "io.k8s.apimachinery.pkg.version.Info";
  static final String ISSUER = ".well-known/openid-configuration";
  static final String KEYS = "openid/v1/jwks";

  private static final List<String> JSON = List.of("application/json");

  private GeneralOperations() {}

  static Operation coreVersions() {
    return discovery("/api/", "getCoreAPIVersions", "core", versions(), APIVersions.SCHEMA);
  }

  static Operation groups() {
    return discovery("/apis/", "getAPIVersions", "apis", versions(), APIGroupList.SCHEMA);
  }

  private static String versions() {
    return "get available API versions";
  }

  static Operation group(String group) {
    String name = Words.shortened(group);
    return discovery(
        "/apis/" + group + "/",
        "get" + Words.identifier(name, true) + "APIGroup",
        Words.identifier(name, false),
        "get information of a group",
        APIGroup.SCHEMA);
  }

  static Operation resources(GroupVersion gv) {
    boolean core = gv.group().isEmpty();
    String name = core ? "core" : Words.shortened(gv.group());
    return discovery(
        (core ? "/api/" : "/apis/") + gv.apiVersion() + "/",
        "get"
            + Words.identifier(name, true)
            + Words.identifier(gv.version(), true)
            + "APIResources",
        Words.identifier(name, false) + "_" + gv.version(),
        "get available resources",
        APIResourceList.SCHEMA);
  }

  private static Operation discovery(
      String path, String id, String tag, String description, Schema<?> answer) {
    List<String> types = ResourceOperations.MEDIA_TYPES;
    return get(path, id, tag, description, new Content.Of(answer), types, types);
  }

  static Operation version() {
    return get(
        "/version/",
        "getCodeVersion",
        "version",
        "get the version information for this server",
        new Content.Named(VERSION_INFO),
        JSON,
        JSON);
  }

  static Operation issuer() {
    return get(
        "/" + ISSUER + "/",
        "getServiceAccountIssuerOpenIDConfiguration",
        "WellKnown",
        "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
        new Content.Text(),
        List.of(),
        JSON);
  }

  static Operation keys() {
    return get(
        "/" + KEYS + "/",
        "getServiceAccountIssuerOpenIDKeyset",
        "openid",
        "get service account issuer OpenID JSON Web Key Set (contains public token verification"
            + " keys)",
        new Content.Text(),
        List.of(),
        List.of("application/jwk-set+json"));
  }

  private static Operation get(
      String path,
      String id,
      String tag,
      String description,
      Content answer,
      List<String> consumes,
      List<String> produces) {
    return new Operation(
        path,
        "get",
        id,
        tag,
        description,
        "",
        null,
        List.of(),
        null,
        Map.of(200, answer),
        consumes,
        produces);
  }
}
