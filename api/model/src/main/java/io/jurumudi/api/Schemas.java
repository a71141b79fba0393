package io.jurumudi.api;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the schemas of Kubernetes' types. A type's class is loaded when its schema is asked for.
 */
public final class Schemas {
  private static final Map<String, String> CLASSES = new HashMap<>();
  private static final Map<GroupVersionKind, String> KINDS = new HashMap<>();
  private static final List<String> NAMES = new ArrayList<>();

  static {
    for (String row : String.join("", SchemaIndex.PARTS).split("\n", 0)) {
      String[] parts = row.split(" ", -1);
      NAMES.add(parts[0]);
      CLASSES.put(parts[0], parts[1]);
      for (int i = 2; i < parts.length; i++) {
        int slash = parts[i].lastIndexOf('/');
        KINDS.put(
            GroupVersionKind.of(parts[i].substring(0, slash), parts[i].substring(slash + 1)),
            parts[1]);
      }
    }
  }

  private Schemas() {}

  /** The OpenAPI names of all types, sorted. */
  public static List<String> names() {
    return List.copyOf(NAMES);
  }

  /** The schema with an OpenAPI name such as {@code io.k8s.api.core.v1.Pod}. */
  public static Optional<Schema<?>> byName(String name) {
    return Optional.ofNullable(CLASSES.get(name)).map(Schema::ofClass);
  }

  public static Optional<Schema<?>> byKind(GroupVersionKind kind) {
    return Optional.ofNullable(KINDS.get(kind)).map(Schema::ofClass);
  }

  /** Every schema, by name. Loads all of the model. */
  public static List<Schema<?>> all() {
    List<Schema<?>> all = new ArrayList<>(NAMES.size());
    for (String name : NAMES) {
      byName(name).ifPresent(all::add);
    }
    return all;
  }
}
