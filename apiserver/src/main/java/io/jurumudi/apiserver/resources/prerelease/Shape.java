package io.jurumudi.apiserver.resources.prerelease;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Trees;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a version's objects are laid out other than those of the version that is stored. */
interface Shape {
  /** A tree of this version, changed into one of the stored version. */
  void raise(Map<String, @Nullable Object> tree);

  /** The other way round. */
  void lower(Map<String, @Nullable Object> tree);

  /** No difference. */
  Shape SAME =
      new Shape() {
        @Override
        public void raise(Map<String, @Nullable Object> tree) {}

        @Override
        public void lower(Map<String, @Nullable Object> tree) {}
      };

  static Shape of(ResourceType<?> version) {
    if (!version.group().equals("resource.k8s.io") || !version.version().equals("v1beta1")) {
      return SAME;
    }
    return switch (version.plural()) {
      case "resourceclaims" -> new FlatRequests(List.of("spec", "devices"));
      case "resourceclaimtemplates" -> new FlatRequests(List.of("spec", "spec", "devices"));
      case "resourceslices" -> new BasicDevices();
      default -> SAME;
    };
  }

  default <T extends Message<T>> T up(Message<?> object, Schema<T> stored) {
    Map<String, @Nullable Object> tree = Trees.fromMessage(object);
    raise(tree);
    return message(tree, stored);
  }

  default <V extends Message<V>> V down(Message<?> object, Schema<V> version) {
    Map<String, @Nullable Object> tree = Trees.fromMessage(object);
    lower(tree);
    return message(tree, version);
  }

  private static <M extends Message<M>> M message(
      Map<String, @Nullable Object> tree, Schema<M> schema) {
    tree.remove("apiVersion");
    tree.remove("kind");
    return Trees.toMessage(schema, tree);
  }

  /** Moves the fields of those names from one tree to another. */
  private static void move(
      Map<String, @Nullable Object> from, Map<String, @Nullable Object> to, Set<String> names) {
    for (String name : names) {
      if (from.containsKey(name)) {
        to.put(name, from.remove(name));
      }
    }
  }

  private static Iterable<Map<String, @Nullable Object>> maps(@Nullable Object list) {
    return list instanceof List<?> all ? all.stream().map(Trees::map).toList() : List.of();
  }

  /** v1beta1 has what a request wants in the request itself, v1 in its field "exactly". */
  record FlatRequests(List<String> devices) implements Shape {
    private static final Set<String> WANTED =
        Set.of(
            "deviceClassName",
            "selectors",
            "allocationMode",
            "count",
            "adminAccess",
            "tolerations",
            "capacity");

    private Iterable<Map<String, @Nullable Object>> requests(Map<String, @Nullable Object> tree) {
      return maps(
          Trees.map(
                  Trees.at(tree, devices.toArray(String[]::new)) instanceof Map<?, ?> map
                      ? map
                      : new LinkedHashMap<>())
              .get("requests"));
    }

    @Override
    public void raise(Map<String, @Nullable Object> tree) {
      for (Map<String, @Nullable Object> request : requests(tree)) {
        Map<String, @Nullable Object> exactly = new LinkedHashMap<>();
        move(request, exactly, WANTED);
        if (request.get("firstAvailable") == null) {
          request.put("exactly", exactly);
        }
      }
    }

    @Override
    public void lower(Map<String, @Nullable Object> tree) {
      for (Map<String, @Nullable Object> request : requests(tree)) {
        if (request.remove("exactly") instanceof Map<?, ?> exactly) {
          request.putAll(Trees.map(exactly));
        }
      }
    }
  }

  /** v1beta1 has what a device is in its field "basic", v1 in the device itself. */
  record BasicDevices() implements Shape {
    private static Iterable<Map<String, @Nullable Object>> devices(
        Map<String, @Nullable Object> tree) {
      return maps(Trees.at(tree, "spec", "devices"));
    }

    @Override
    public void raise(Map<String, @Nullable Object> tree) {
      for (Map<String, @Nullable Object> device : devices(tree)) {
        if (device.remove("basic") instanceof Map<?, ?> basic) {
          device.putAll(Trees.map(basic));
        }
      }
    }

    @Override
    public void lower(Map<String, @Nullable Object> tree) {
      for (Map<String, @Nullable Object> device : devices(tree)) {
        Map<String, @Nullable Object> basic = new LinkedHashMap<>(device);
        basic.remove("name");
        device.keySet().retainAll(Set.of("name"));
        device.put("basic", basic);
      }
    }
  }
}
