package io.jurumudi.apiserver.admission;

import io.jurumudi.api.autoscaling.v1.Scale;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.GroupVersionResource;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ScaleMapping;
import io.jurumudi.apiserver.registry.ServedVersion;
import io.jurumudi.apiserver.verbs.Scales;
import io.jurumudi.machinery.apply.StructuredMerge;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A write and its objects in one version of the resource: what a webhook or a policy that asks for
 * that version sees. Inside, rules see objects as they are stored.
 */
public final class AdmissionView {
  private final AdmissionRequest request;
  private final AdmissionRequest.Asked asked;
  private final ServedVersion<?, ?> version;

  private AdmissionView(
      AdmissionRequest request, AdmissionRequest.Asked asked, ServedVersion<?, ?> version) {
    this.request = request;
    this.asked = asked;
    this.version = version;
  }

  /** In the version in which the client spoke. */
  public static AdmissionView of(AdmissionRequest request) {
    AdmissionRequest.Asked asked = Objects.requireNonNull(request.asked());
    return new AdmissionView(request, asked, asked.version());
  }

  /** The same in the other versions in which the resource is served. */
  public List<AdmissionView> equivalents() {
    List<AdmissionView> others = new ArrayList<>();
    for (ServedVersion<?, ?> other : asked.resource().versions()) {
      if (!other.type().equals(version.type())) {
        others.add(new AdmissionView(request, asked, other));
      }
    }
    return others;
  }

  public AdmissionRequest request() {
    return request;
  }

  public AdmissionRequest.Asked asked() {
    return asked;
  }

  public GroupVersionResource resource() {
    return version.type().groupVersionResource();
  }

  /** The namespace, which for a namespace is its own name. */
  public String namespace() {
    return isNamespace() ? request.name() : request.namespace();
  }

  public boolean isNamespace() {
    return request.type().group().isEmpty() && request.type().plural().equals("namespaces");
  }

  private boolean scales() {
    return request.subresource().equals("scale") && asked.resource().scale().isPresent();
  }

  /** The object with what an apply configuration adds, as a tree. */
  public Map<String, @Nullable Object> merged(
      Map<String, @Nullable Object> tree, Map<String, @Nullable Object> configuration) {
    return StructuredMerge.merge(tree, configuration, version.form().valueType());
  }

  /** The kind of the object that is sent: a subresource may have its own. */
  public GroupVersionKind kind(@Nullable KubernetesObject<?> object) {
    if (request.operation() == AdmissionRequest.Operation.CONNECT) {
      return connectKind();
    }
    if (scales()) {
      return Objects.requireNonNull(Scale.SCHEMA.kind());
    }
    GroupVersionKind own = object == null ? null : object.schema().kind();
    return object == null || isWhole(object) || own == null
        ? version.type().groupVersionKind()
        : own;
  }

  /** Whether an object is of the resource itself, not of a subresource's own kind. */
  private boolean isWhole(KubernetesObject<?> object) {
    return object.schema() == asked.resource().type().schema();
  }

  /** An object as a tree in this version; null for null. */
  public @Nullable Map<String, @Nullable Object> tree(@Nullable KubernetesObject<?> object) {
    if (object == null) {
      return null;
    }
    if (!isWhole(object)) {
      return Trees.fromMessage(object);
    }
    if (scales()) {
      return scale(asked.resource(), object);
    }
    return converted(version, object);
  }

  /** What is to be created, changed or connected with, as a tree; null on DELETE. */
  public @Nullable Map<String, @Nullable Object> object(@Nullable KubernetesObject<?> object) {
    if (request.operation() != AdmissionRequest.Operation.CONNECT) {
      return tree(object);
    }
    Map<String, @Nullable Object> options = Trees.fromMessage(asked.options());
    options.put("apiVersion", connectKind().apiVersion());
    options.put("kind", connectKind().kind());
    return options;
  }

  /** Options of connections have no kind of their own in the published API. */
  private GroupVersionKind connectKind() {
    return new GroupVersionKind("", "v1", asked.options().schema().simpleName());
  }

  @SuppressWarnings("unchecked") // The object is of the resource's schema.
  private static <T extends KubernetesObject<T>> Map<String, @Nullable Object> scale(
      Resource<T> resource, KubernetesObject<?> object) {
    return Trees.fromMessage(Scales.view(resource, (T) object));
  }

  @SuppressWarnings("unchecked") // The object is of the resource's schema.
  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>>
      Map<String, @Nullable Object> converted(
          ServedVersion<V, T> version, KubernetesObject<?> object) {
    return Trees.fromMessage(version.fromStored().apply((T) object));
  }

  /**
   * The object that a changed tree describes, as it is stored, with defaults filled in.
   *
   * @param before what the tree was made of
   * @throws io.jurumudi.api.schema.DecodeException when it is none of its kind
   */
  public KubernetesObject<?> object(
      Map<String, @Nullable Object> tree, KubernetesObject<?> before) {
    if (!isWhole(before)) {
      return (KubernetesObject<?>) read(before.schema(), tree);
    }
    if (scales()) {
      return scaled(asked.resource(), tree, before);
    }
    return stored(version, tree);
  }

  private static <M extends Message<M>> Message<?> read(
      Schema<M> schema, Map<String, @Nullable Object> tree) {
    return Trees.toMessage(schema, tree);
  }

  @SuppressWarnings("unchecked") // The object is of the resource's schema.
  private static <T extends KubernetesObject<T>> KubernetesObject<?> scaled(
      Resource<T> resource, Map<String, @Nullable Object> tree, KubernetesObject<?> before) {
    ScaleMapping<T> mapping = resource.scale().orElseThrow();
    return mapping
        .withReplicas()
        .apply((T) before, Trees.toMessage(Scale.SCHEMA, tree).spec().replicas());
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>>
      KubernetesObject<?> stored(ServedVersion<V, T> version, Map<String, @Nullable Object> tree) {
    V read = Trees.toMessage(version.type().schema(), tree);
    V known = version.form().received(read, field -> {});
    return version.toStored().apply(version.defaults().apply(known));
  }
}
