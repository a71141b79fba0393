package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All that a server serves at one time. Immutable; see {@link LiveCatalog}. */
public final class Catalog {
  private final Map<GroupVersion, Map<String, Served>> served = new LinkedHashMap<>();
  private final List<Resource<?>> resources;
  private final List<Served.Asked> asked;

  public Catalog(List<Resource<?>> resources, List<Served.Asked> asked) {
    this.resources = List.copyOf(resources);
    this.asked = List.copyOf(asked);
    resources.forEach(this::add);
    for (Served.Asked one : asked) {
      put(one);
    }
  }

  /** The same with other resources that answer and keep nothing. */
  public Catalog withAsked(List<Served.Asked> others) {
    return new Catalog(resources, others);
  }

  /**
   * The same without some of its stored resources and with others. Those of custom kinds come last,
   * in the order of their groups' names.
   */
  public Catalog with(Set<Resource<?>> without, Collection<? extends Resource<?>> added) {
    List<Resource<?>> all = new ArrayList<>(resources);
    all.removeIf(without::contains);
    all.addAll(added);
    List<Resource<?>> custom = new ArrayList<>(all);
    custom.removeIf(resource -> !resource.type().schema().open());
    custom.sort(Comparator.comparing(resource -> resource.type().group()));
    all.removeIf(resource -> resource.type().schema().open());
    all.addAll(custom);
    return new Catalog(all, asked);
  }

  private <T extends KubernetesObject<T>> void add(Resource<T> resource) {
    for (ServedVersion<?, T> version : resource.versions()) {
      put(kept(resource, version));
    }
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Served kept(
      Resource<T> resource, ServedVersion<V, T> version) {
    return new Served.Kept<>(resource, version);
  }

  private void put(Served one) {
    ResourceType<?> type = one.type();
    Served before =
        served
            .computeIfAbsent(
                new GroupVersion(type.group(), type.version()), gv -> new LinkedHashMap<>())
            .put(type.plural(), one);
    if (before != null) {
      throw new IllegalArgumentException(type + " is served twice");
    }
  }

  public Optional<Served> find(String group, String version, String plural) {
    return Optional.ofNullable(
        served.getOrDefault(new GroupVersion(group, version), Map.of()).get(plural));
  }

  public boolean serves(GroupVersion version) {
    return served.containsKey(version);
  }

  public boolean servesGroup(String group) {
    return served.keySet().stream().anyMatch(gv -> gv.group().equals(group));
  }

  /** Groups and versions in the order in which they were put in. */
  public List<GroupVersion> groupVersions() {
    return List.copyOf(served.keySet());
  }

  /** What is served in a version. */
  public List<Served> in(GroupVersion version) {
    return new ArrayList<>(served.getOrDefault(version, Map.of()).values());
  }

  /** Everything that is stored. */
  public List<Resource<?>> resources() {
    return resources;
  }

  /** The stored resource of a type, whichever version the type is of. */
  @SuppressWarnings("unchecked") // A resource is found by its own type.
  public <T extends KubernetesObject<T>> Resource<T> resource(ResourceType<T> type) {
    for (Resource<?> resource : resources) {
      if (resource.type().equals(type)) {
        return (Resource<T>) resource;
      }
    }
    throw new IllegalArgumentException(type + " is not served");
  }
}
