package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which fields of one object: metadata.managedFields taken apart. Belongs to one request,
 * which changes it in place.
 */
final class ManagedFields {
  /** How many managers that update (and do not apply) an object remembers. */
  static final int MAX_UPDATERS = 10;

  private static final String ANCIENT = "ancient-changes";

  /**
   * What a manager owns.
   *
   * @param time when it last changed something, RFC 3339; empty when unknown
   * @param tree the set as it was read; null when it has changed since
   */
  record Owned(FieldSet set, String apiVersion, String time, @Nullable Object tree) {
    Owned(FieldSet set, String apiVersion, String time) {
      this(set, apiVersion, time, null);
    }

    Owned with(FieldSet newSet) {
      return newSet.equals(set) ? this : new Owned(newSet, apiVersion, time);
    }

    Owned at(String newTime) {
      return new Owned(set, apiVersion, newTime, tree);
    }
  }

  private final Map<Manager, Owned> owners = new LinkedHashMap<>();

  Map<Manager, Owned> owners() {
    return owners;
  }

  FieldSet owned(Manager manager) {
    Owned owned = owners.get(manager);
    return owned == null ? new FieldSet() : owned.set;
  }

  /** Sets what a manager owns; one that owns nothing is forgotten. */
  void put(Manager manager, Owned owned) {
    if (owned.set.isEmpty()) {
      owners.remove(manager);
    } else {
      owners.put(manager, owned);
    }
  }

  /**
   * The managed fields of an object's tree.
   *
   * @throws TypeMismatchException when an entry is malformed
   */
  static ManagedFields decode(@Nullable Object entries) {
    ManagedFields managed = new ManagedFields();
    for (Object entry : TypedTrees.listOrEmpty(entries)) {
      String operation = Trees.string(entry, "operation");
      String apiVersion = Trees.string(entry, "apiVersion");
      if (!operation.equals(Manager.APPLY) && !operation.equals(Manager.UPDATE)) {
        throw new TypeMismatchException("operation must be `Apply` or `Update`");
      }
      if (apiVersion.isEmpty()) {
        throw new TypeMismatchException("apiVersion must not be empty");
      }
      if (!Trees.string(entry, "fieldsType").equals("FieldsV1")) {
        throw new TypeMismatchException(
            "invalid fieldsType \"" + Trees.string(entry, "fieldsType") + "\" in managed fields");
      }
      Manager manager =
          new Manager(
              Trees.string(entry, "manager"),
              operation,
              operation.equals(Manager.APPLY) ? "" : apiVersion,
              Trees.string(entry, "subresource"));
      managed.owners.put(
          manager,
          new Owned(
              FieldSet.fromTree(Trees.at(entry, "fieldsV1")),
              apiVersion,
              Trees.string(entry, "time"),
              Trees.at(entry, "fieldsV1")));
    }
    return managed;
  }

  /** The managed fields as they stand in metadata; empty when nobody owns anything. */
  List<@Nullable Object> encode() {
    List<Map<String, @Nullable Object>> entries = new ArrayList<>();
    owners.forEach(
        (manager, owned) -> {
          Map<String, @Nullable Object> entry = new LinkedHashMap<>();
          entry.put("manager", manager.name());
          entry.put("operation", manager.operation());
          entry.put("apiVersion", owned.apiVersion);
          if (!owned.time.isEmpty()) {
            entry.put("time", owned.time);
          }
          entry.put("fieldsType", "FieldsV1");
          entry.put("fieldsV1", owned.tree == null ? owned.set.toTree() : owned.tree);
          if (!manager.subresource().isEmpty()) {
            entry.put("subresource", manager.subresource());
          }
          entries.add(entry);
        });
    // All times are UTC in seconds, so that their text sorts as they do.
    Comparator<Map<String, @Nullable Object>> order =
        Comparator.comparing(e -> text(e, "operation"));
    for (String field : List.of("time", "manager", "apiVersion", "subresource")) {
      order = order.thenComparing(e -> text(e, field));
    }
    entries.sort(order);
    return new ArrayList<>(entries);
  }

  private static String text(Map<String, @Nullable Object> entry, String field) {
    return Trees.string(entry, field);
  }

  /** Merges the oldest managers that update into one, when there are more than the limit. */
  void capUpdaters() {
    List<Manager> updaters =
        new ArrayList<>(
            owners.keySet().stream().filter(m -> m.operation().equals(Manager.UPDATE)).toList());
    int excess = updaters.size() - MAX_UPDATERS;
    if (excess <= 0) {
      return;
    }
    updaters.sort(Comparator.comparing((Manager m) -> time(m)).thenComparing(Manager::toString));
    Map<String, Manager> firsts = new LinkedHashMap<>();
    for (Manager manager : updaters) {
      if (excess <= 0) {
        return;
      }
      Owned owned = owners.get(manager);
      if (owned == null) {
        continue;
      }
      Manager first = firsts.putIfAbsent(owned.apiVersion, manager);
      if (first == null) {
        continue;
      }
      Manager bucket = Manager.updating(ANCIENT, owned.apiVersion, "");
      Owned merged = owners.get(bucket);
      if (merged == null) {
        merged = owners.remove(first);
      }
      FieldSet set = merged == null ? owned.set : owned.set.union(merged.set);
      owners.remove(manager);
      owners.put(bucket, owned.with(set));
      excess--;
    }
  }

  private String time(Manager manager) {
    Owned owned = owners.get(manager);
    return owned == null ? "" : owned.time;
  }
}
