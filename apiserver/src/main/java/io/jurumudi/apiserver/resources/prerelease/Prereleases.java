package io.jurumudi.apiserver.resources.prerelease;

import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.discovery.KubeVersions;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.RuntimeConfig;
import io.jurumudi.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Alpha and beta versions. A kind that has a stable version too is stored in that; of the others
 * the most stable version that is served is stored. What differs between two versions of a kind is
 * a {@link Shape}; where nothing differs, conversion needs no code.
 */
public final class Prereleases {
  private Prereleases() {}

  /**
   * The stable resources with the versions that are asked for besides, and the kinds that have no
   * stable one.
   */
  public static List<Resource<?>> with(List<Resource<?>> stable, RuntimeConfig config) {
    Map<String, List<ResourceType<?>>> wanted = new LinkedHashMap<>();
    for (ResourceType<?> type : Resources.ALL) {
      if (!RuntimeConfig.isStable(type.version()) && config.serves(type)) {
        wanted.computeIfAbsent(name(type), n -> new ArrayList<>()).add(type);
      }
    }
    List<Resource<?>> all = new ArrayList<>();
    for (Resource<?> resource : stable) {
      List<ResourceType<?>> more = wanted.remove(name(resource.type()));
      all.add(more == null ? resource : also(resource, more));
    }
    for (List<ResourceType<?>> versions : wanted.values()) {
      versions.sort(Comparator.comparing(t -> t.version(), KubeVersions.PREFERRED_FIRST));
      all.add(also(alone(versions.getFirst()), versions.subList(1, versions.size())));
    }
    return all;
  }

  private static String name(ResourceType<?> type) {
    return type.plural() + "." + type.group();
  }

  private static Resource<?> also(Resource<?> resource, List<ResourceType<?>> versions) {
    Resource<?> all = resource;
    for (ResourceType<?> version : versions) {
      all = also(all, version);
    }
    return all;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // What can be stored has a kind with metadata.
  private static Resource<?> also(Resource<?> resource, ResourceType<?> version) {
    return served((Resource) resource, (ResourceType) version);
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Resource<T> served(
      Resource<T> resource, ResourceType<V> version) {
    Shape shape = Shape.of(version);
    var defaults = resource.storedVersion().defaults();
    return resource.also(
        version,
        object -> defaults.apply(shape.up(object, resource.type().schema())),
        object -> shape.down(object, version.schema()));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // As above.
  private static Resource<?> alone(ResourceType<?> type) {
    return kept((ResourceType) type);
  }

  private static <T extends KubernetesObject<T>> Resource<T> kept(ResourceType<T> type) {
    return Resource.of(type)
        .strategy(s -> s.countsGenerations())
        .columns(Columns.nameAndAge())
        .build();
  }
}
