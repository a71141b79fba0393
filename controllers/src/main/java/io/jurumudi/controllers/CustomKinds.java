package io.jurumudi.controllers;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.InformerFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The custom kinds that are served at the moment, one version of each, for controllers that care
 * for objects of all kinds. Its state is guarded by itself; listeners are called by the informer's
 * thread, one after the other.
 */
public final class CustomKinds {
  private final InformerFactory informers;

  @GuardedBy("this")
  private final Map<String, ResourceType<CustomObject>> kinds = new LinkedHashMap<>();

  private final List<Consumer<ResourceType<CustomObject>>> added = new ArrayList<>();
  private final List<Consumer<ResourceType<CustomObject>>> removed = new ArrayList<>();

  public CustomKinds(InformerFactory informers) {
    this.informers = informers;
    informers
        .informer(Resources.CUSTOMRESOURCEDEFINITIONS)
        .addHandler(
            new EventHandler<CustomResourceDefinition>() {
              @Override
              public void onAdd(CustomResourceDefinition definition) {
                changed(definition, type(definition));
              }

              @Override
              public void onUpdate(
                  CustomResourceDefinition before, CustomResourceDefinition definition) {
                changed(definition, type(definition));
              }

              @Override
              public void onDelete(CustomResourceDefinition definition) {
                changed(definition, Optional.empty());
              }
            });
  }

  /** To be called before the informers are started. */
  public void follow(
      Consumer<ResourceType<CustomObject>> onAdded,
      Consumer<ResourceType<CustomObject>> onRemoved) {
    added.add(onAdded);
    removed.add(onRemoved);
  }

  public synchronized List<ResourceType<CustomObject>> all() {
    return List.copyOf(kinds.values());
  }

  /** The kind of that name in the group, whatever the version. */
  public Optional<ResourceType<CustomObject>> named(String group, String kind) {
    return all().stream()
        .filter(type -> type.group().equals(group) && type.kind().equals(kind))
        .findFirst();
  }

  private void changed(
      CustomResourceDefinition definition, Optional<ResourceType<CustomObject>> type) {
    String name = definition.metadata().name();
    Optional<ResourceType<CustomObject>> before;
    synchronized (this) {
      before = Optional.ofNullable(kinds.get(name));
      if (before.equals(type)) {
        return;
      }
      type.ifPresentOrElse(t -> kinds.put(name, t), () -> kinds.remove(name));
    }
    before.ifPresent(
        gone -> {
          informers.drop(gone);
          removed.forEach(listener -> listener.accept(gone));
        });
    type.ifPresent(fresh -> added.forEach(listener -> listener.accept(fresh)));
  }

  /** Empty while the kind is not served. */
  private static Optional<ResourceType<CustomObject>> type(CustomResourceDefinition definition) {
    boolean established =
        definition.status().conditions().stream()
            .anyMatch(c -> c.type().equals("Established") && c.status().equals("True"));
    return established
        ? definition.spec().versions().stream()
            .filter(CustomResourceDefinitionVersion::served)
            .max(Comparator.comparing(CustomResourceDefinitionVersion::storage))
            .map(version -> type(definition, version.name()))
        : Optional.empty();
  }

  private static ResourceType<CustomObject> type(
      CustomResourceDefinition definition, String version) {
    var spec = definition.spec();
    var names = definition.status().acceptedNames();
    String prefix = spec.group() + "." + version + ".";
    Schema<CustomObject> schema =
        CustomObject.schema(
            prefix + names.kind(), new GroupVersionKind(spec.group(), version, names.kind()));
    return new ResourceType<>(
        spec.group(),
        version,
        names.plural(),
        names.singular(),
        names.kind(),
        spec.scope().equals("Namespaced"),
        names.shortNames(),
        names.categories(),
        Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
        schema,
        CustomObject.listSchema(
            prefix + names.listKind(),
            new GroupVersionKind(spec.group(), version, names.listKind()),
            schema),
        List.of());
  }
}
