package io.jurumudi.apiserver.policy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.ReviewRequests;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.ValueType;
import io.jurumudi.apiserver.cel.library.AuthorizerLibrary;
import io.jurumudi.machinery.codec.Trees;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What expressions about a write may speak of: object, oldObject, request, params, namespaceObject,
 * authorizer and a policy's own variables.
 */
public final class AdmissionVariables {
  private static final ValueType TEXT = ValueType.Scalar.STRING;
  private static final ValueType KIND =
      new ValueType.Struct(
          "kubernetes.GroupVersionKind", Map.of("group", TEXT, "version", TEXT, "kind", TEXT));
  private static final ValueType RESOURCE =
      new ValueType.Struct(
          "kubernetes.GroupVersionResource",
          Map.of("group", TEXT, "version", TEXT, "resource", TEXT));
  private static final ValueType REQUEST = request();
  private static final ValueType NAMESPACE = namespace();

  private final ServerObjects objects;
  private final Authorizer authorizer;

  public AdmissionVariables(ServerObjects objects, Authorizer authorizer) {
    this.objects = objects;
    this.authorizer = authorizer;
  }

  private static ValueType request() {
    Map<String, ValueType> fields = new LinkedHashMap<>();
    fields.put("kind", KIND);
    fields.put("resource", RESOURCE);
    fields.put("subResource", TEXT);
    fields.put("requestKind", KIND);
    fields.put("requestResource", RESOURCE);
    fields.put("requestSubResource", TEXT);
    fields.put("name", TEXT);
    fields.put("namespace", TEXT);
    fields.put("operation", TEXT);
    fields.put(
        "userInfo",
        new ValueType.Struct(
            "kubernetes.UserInfo",
            Map.of(
                "username",
                TEXT,
                "uid",
                TEXT,
                "groups",
                ValueType.listOf(TEXT),
                "extra",
                ValueType.mapOf(ValueType.listOf(TEXT)))));
    fields.put("dryRun", ValueType.Scalar.BOOL);
    fields.put("options", ValueType.Scalar.DYN);
    return new ValueType.Struct("kubernetes.AdmissionRequest", fields);
  }

  private static ValueType namespace() {
    Map<String, ValueType> metadata = new LinkedHashMap<>();
    for (String field : List.of("name", "generateName", "namespace", "UID", "resourceVersion")) {
      metadata.put(field, TEXT);
    }
    metadata.put("uid", TEXT);
    metadata.put("labels", ValueType.mapOf(TEXT));
    metadata.put("annotations", ValueType.mapOf(TEXT));
    metadata.put("creationTimestamp", ValueType.Scalar.TIMESTAMP);
    metadata.put("deletionTimestamp", ValueType.Scalar.TIMESTAMP);
    metadata.put("deletionGracePeriodSeconds", ValueType.Scalar.INT);
    metadata.put("generation", ValueType.Scalar.INT);
    metadata.put("finalizers", ValueType.listOf(TEXT));
    return new ValueType.Struct(
        "kubernetes.Namespace",
        Map.of(
            "metadata",
            new ValueType.Struct("kubernetes.NamespaceMetadata", metadata),
            "spec",
            new ValueType.Struct(
                "kubernetes.NamespaceSpec", Map.of("finalizers", ValueType.listOf(TEXT))),
            "status",
            new ValueType.Struct("kubernetes.NamespaceStatus", Map.of("phase", TEXT))));
  }

  /**
   * An environment to compile in.
   *
   * @param object the type of object and oldObject
   * @param params whether there are parameters
   * @param authorizer whether expressions may ask it
   * @param variables names of the policy's own
   */
  public static Environment environment(
      ValueType object, boolean params, boolean authorizer, Collection<String> variables) {
    Environment.Builder b =
        Environment.builder()
            .variable("object", object)
            .variable("oldObject", object)
            .variable("request", REQUEST)
            .variable("namespaceObject", NAMESPACE);
    if (params) {
      b.variable("params", ValueType.Scalar.DYN);
    }
    if (authorizer) {
      b.variable("authorizer", new ValueType.Opaque("kubernetes.authorization.Authorizer"));
      b.variable(
          "authorizer.requestResource",
          new ValueType.Opaque("kubernetes.authorization.ResourceCheck"));
    }
    if (!variables.isEmpty()) {
      Map<String, ValueType> fields = new LinkedHashMap<>();
      variables.forEach(name -> fields.put(name, ValueType.Scalar.DYN));
      b.variable("variables", new ValueType.Struct("kubernetes.variables", fields));
    }
    return b.dynamicObjects().build();
  }

  /** Their values for one write, all but params and variables. */
  public Map<String, @Nullable Object> values(
      AdmissionView view, AdmissionView asked, @Nullable KubernetesObject<?> object) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("object", view.object(object));
    values.put("oldObject", view.tree(view.request().old()));
    Map<String, @Nullable Object> request =
        new LinkedHashMap<>(Trees.fromMessage(ReviewRequests.of("", view, asked, null)));
    request.remove("object");
    request.remove("oldObject");
    for (String text : List.of("subResource", "requestSubResource", "name", "namespace")) {
      request.putIfAbsent(text, "");
    }
    values.put("request", request);
    String namespace = view.isNamespace() ? "" : view.namespace();
    values.put(
        "namespaceObject",
        namespace.isEmpty()
            ? null
            : objects
                .find(Resources.NAMESPACES, "", namespace)
                .map(Trees::fromMessage)
                .orElse(null));
    AuthorizerLibrary.Asker asker = new AuthorizerLibrary.Asker(view.request().user(), authorizer);
    values.put("authorizer", asker);
    values.put(
        "authorizer.requestResource",
        AuthorizerLibrary.resource(
            asker,
            asked.resource().group(),
            asked.resource().resource(),
            view.request().subresource(),
            namespace,
            view.request().name()));
    return values;
  }
}
