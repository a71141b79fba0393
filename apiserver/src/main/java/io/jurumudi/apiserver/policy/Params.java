package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ParamRef;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the objects with which a binding parametrizes its policy. */
final class Params {
  private final ServerObjects objects;
  private final Supplier<Catalog> catalogs;

  Params(ServerObjects objects, Supplier<Catalog> catalogs) {
    this.objects = objects;
    this.catalogs = catalogs;
  }

  /**
   * The parameters, as trees; one null when the policy takes none; empty when there are none and
   * that is allowed.
   *
   * @throws PolicyFault when there should be some
   */
  List<@Nullable Map<String, @Nullable Object>> of(
      @Nullable ParamKind kind, @Nullable ParamRef ref, String namespace) throws PolicyFault {
    if (kind == null || ref == null) {
      List<@Nullable Map<String, @Nullable Object>> none = new ArrayList<>();
      none.add(null);
      return none;
    }
    GroupVersion version = GroupVersion.parse(kind.apiVersion());
    Optional<Served> served =
        catalogs.get().in(version).stream()
            .filter(one -> one.type().kind().equals(kind.kind()))
            .findFirst();
    if (served.isEmpty() || !(served.get() instanceof Served.Kept<?, ?> kept)) {
      throw new PolicyFault(
          "failed to find resource referenced by paramKind: '"
              + kind.apiVersion()
              + ", Kind="
              + kind.kind()
              + "'");
    }
    String where = ref.namespace().isEmpty() ? namespace : ref.namespace();
    if (!kept.type().namespaced()) {
      if (!ref.namespace().isEmpty()) {
        throw new PolicyFault(
            "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
      }
      where = "";
    } else if (where.isEmpty()) {
      throw new PolicyFault(
          "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    }
    List<@Nullable Map<String, @Nullable Object>> found = new ArrayList<>(find(kept, ref, where));
    if (found.isEmpty() && !"Allow".equals(ref.parameterNotFoundAction())) {
      throw new PolicyFault(
          "no params found for policy binding with `Deny` parameterNotFoundAction");
    }
    return found;
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>>
      List<Map<String, @Nullable Object>> find(
          Served.Kept<V, T> kept, ParamRef ref, String namespace) {
    List<T> all = new ArrayList<>();
    if (!ref.name().isEmpty()) {
      objects.find(kept.resource().type(), namespace, ref.name()).ifPresent(all::add);
    } else {
      Selector selector = LabelSelectors.of(ref.selector());
      objects.list(kept.resource().type(), namespace).stream()
          .filter(object -> selector.matches(object.metadata().labels()))
          .forEach(all::add);
    }
    return all.stream()
        .map(object -> Trees.fromMessage(kept.version().fromStored().apply(object)))
        .toList();
  }
}
