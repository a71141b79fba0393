package io.jurumudi.machinery.apply;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.machinery.apply.ManagedFields.Owned;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Server-side apply for one kind and subresource: keeps account of who owns which field, and merges
 * what managers apply.
 *
 * <p>An update (create, update, any other patch) makes its manager the owner of all that it
 * changed. An apply gives the whole of what its manager wants: fields it sets are its own, fields
 * that it set before and sets no more go away unless another manager owns them, and a change to
 * what another owns is a conflict unless forced. Objects come and go as trees; metadata and type
 * that the server itself fills in belong to nobody.
 *
 * <p>Entries written in another version of the kind are compared by the same paths: this server
 * does not rename fields between versions.
 */
public final class FieldManager {
  /** The annotation in which kubectl's client-side apply keeps what it applied last. */
  public static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private static final FieldSet STRIPPED =
      FieldSet.ofFields(
          "apiVersion",
          "kind",
          "metadata",
          "metadata.name",
          "metadata.namespace",
          "metadata.creationTimestamp",
          "metadata.selfLink",
          "metadata.uid",
          "metadata.clusterName",
          "metadata.generation",
          "metadata.managedFields",
          "metadata.resourceVersion");

  private final ValueType type;
  private final String apiVersion;
  private final String subresource;
  private final FieldSet reset;
  private final InstantSource clock;

  /** An object of the type with nothing set: what a new object is compared with. */
  private final Map<String, @Nullable Object> empty;

  /**
   * @param apiVersion the group and version of the objects, as in "apps/v1"
   * @param subresource as in "status"; empty for the objects themselves
   * @param reset fields that a request to this endpoint does not change, whatever it says, as
   *     "status" of the objects themselves
   */
  public FieldManager(
      ValueType type, String apiVersion, String subresource, FieldSet reset, InstantSource clock) {
    this.type = type;
    this.empty = bare(type.emptyObject());
    this.apiVersion = apiVersion;
    this.subresource = subresource;
    this.reset = reset;
    this.clock = clock;
  }

  /**
   * The updated object with its managed fields brought up to date.
   *
   * @param live the object as it was; null when it is created
   * @param updated the object as it will be
   * @throws TypeMismatchException when one of them does not fit the type
   */
  public Map<String, @Nullable Object> update(
      @Nullable Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> updated,
      String manager) {
    Map<String, @Nullable Object> before = live == null ? empty : live;
    ManagedFields managed = managedBefore(before, updated);
    if (managed.owners().isEmpty() && !Trees.string(before, "metadata", "uid").isEmpty()) {
      return withManaged(updated, new ManagedFields());
    }
    track(bare(before), bare(updated), managed, manager);
    managed.capUpdaters();
    return withManaged(updated, managed);
  }

  /**
   * The object that results when a manager's configuration is applied, with its managed fields.
   *
   * @param live the object as it is; an empty tree when there is none yet
   * @param applied what the manager wants, with nothing left out
   * @param force whether to take over what others own
   * @throws ApplyConflictException when others own what the configuration changes
   * @throws TypeMismatchException when the configuration does not fit the type
   */
  public Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      String manager,
      boolean force) {
    Map<String, @Nullable Object> result;
    try {
      result = applyOnce(live, applied, manager, force);
    } catch (ConflictFound conflict) {
      if (!manager.equals("kubectl")) {
        throw conflict.exception();
      }
      // kubectl moves from client-side to server-side apply: what its annotation says it applied,
      // it may change.
      FieldSet allowed = lastApplied(live);
      ConflictFound left = conflict.without(allowed);
      if (!left.isEmpty()) {
        throw left.exception();
      }
      result = applyOnce(live, applied, manager, true);
    }
    if (manager.equals("kubectl")
        && !Trees.string(result, "metadata", "annotations", LAST_APPLIED).isEmpty()) {
      Map<String, @Nullable Object> configuration = Trees.map(Trees.copy(applied));
      if (Trees.at(configuration, "metadata", "annotations") instanceof Map<?, ?> annotations) {
        annotations.remove(LAST_APPLIED);
      }
      Trees.map(Trees.at(result, "metadata", "annotations"))
          .put(LAST_APPLIED, Trees.toJson(configuration) + "\n");
    }
    return result;
  }

  private Map<String, @Nullable Object> applyOnce(
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      String name,
      boolean force) {
    ManagedFields managed = ManagedFields.decode(Trees.at(live, "metadata", "managedFields"));
    Map<String, @Nullable Object> before = live.isEmpty() ? empty : bare(live);
    Map<String, @Nullable Object> configuration = bare(applied);
    try {
      TypedTrees.validate(configuration, type, false);
    } catch (TypeMismatchException e) {
      throw new TypeMismatchException(
          "failed to create typed patch object (%s/%s; %s, Kind=%s): %s"
              .formatted(
                  Trees.string(applied, "metadata", "namespace"),
                  Trees.string(applied, "metadata", "name"),
                  apiVersion.indexOf('/') < 0 ? "/" + apiVersion : apiVersion,
                  Trees.string(applied, "kind"),
                  e.getMessage()));
    }
    if (managed.owners().isEmpty()) {
      track(empty, before, managed, "before-first-apply");
    }
    Manager manager = Manager.applying(name, subresource);
    Object merged = TypedTrees.merge(before, configuration, type);
    Map<String, @Nullable Object> after = TypedTrees.mapOrEmpty(merged);
    FieldSet last = managed.owned(manager);
    FieldSet set = TypedTrees.fieldSet(configuration, type).recursiveDifference(reset);
    String time = managed.owners().containsKey(manager) ? time(managed, manager) : "";
    managed.owners().put(manager, new Owned(set, apiVersion, time));
    after = prune(after, managed, last);
    settle(Comparison.of(before, after, type).excluding(reset), managed, manager, force);
    managed.put(manager, owned(managed, manager).with(managed.owned(manager).difference(STRIPPED)));
    if (!after.equals(before) && managed.owners().containsKey(manager)) {
      managed.owners().put(manager, owned(managed, manager).at(now()));
    }
    Map<String, @Nullable Object> result = Trees.map(Trees.copy(after));
    for (String head : List.of("apiVersion", "kind")) {
      Object value = applied.containsKey(head) ? applied.get(head) : live.get(head);
      if (value != null) {
        result.put(head, value);
      }
    }
    return withManaged(result, managed);
  }

  private Owned owned(ManagedFields managed, Manager manager) {
    Owned owned = managed.owners().get(manager);
    return owned == null ? new Owned(new FieldSet(), apiVersion, "") : owned;
  }

  private static String time(ManagedFields managed, Manager manager) {
    Owned owned = managed.owners().get(manager);
    return owned == null ? "" : owned.time();
  }

  /** Makes the manager of an update the owner of what it changed. */
  private void track(
      Map<String, @Nullable Object> before,
      Map<String, @Nullable Object> after,
      ManagedFields managed,
      String name) {
    // A name that no manager can have: the comparison is with all managers, also this one's past.
    Manager self = new Manager("", "", "", "");
    Comparison comparison = Comparison.of(before, after, type).excluding(reset);
    settle(comparison, managed, self, true);
    FieldSet set =
        comparison
            .modified()
            .union(comparison.added())
            .recursiveDifference(reset)
            .difference(STRIPPED);
    if (set.isEmpty()) {
      return;
    }
    Manager manager = Manager.updating(name, apiVersion, subresource);
    managed.owners().put(manager, new Owned(set.union(managed.owned(manager)), apiVersion, now()));
  }

  /** Takes from all other managers what has changed; a conflict when that needs force. */
  private static void settle(
      Comparison comparison, ManagedFields managed, Manager self, boolean force) {
    FieldSet changed = comparison.modified().union(comparison.added());
    if (!force) {
      List<ConflictFound.Field> conflicts = new ArrayList<>();
      managed
          .owners()
          .forEach(
              (manager, owned) -> {
                if (!manager.equals(self)) {
                  owned
                      .set()
                      .intersection(changed)
                      .forEach(path -> conflicts.add(new ConflictFound.Field(manager, path)));
                }
              });
      if (!conflicts.isEmpty()) {
        throw new ConflictFound(conflicts);
      }
    }
    for (Map.Entry<Manager, Owned> entry : List.copyOf(managed.owners().entrySet())) {
      Owned owned = entry.getValue();
      FieldSet left = owned.set();
      if (!entry.getKey().equals(self)
          && (left.intersects(changed) || left.intersects(comparison.removed()))) {
        left = left.difference(changed).difference(comparison.removed());
      }
      managed.put(entry.getKey(), owned.with(left));
    }
  }

  /**
   * The merged object without what the manager applied last time, does not apply now, and nobody
   * else owns.
   */
  private Map<String, @Nullable Object> prune(
      Map<String, @Nullable Object> merged, ManagedFields managed, FieldSet last) {
    if (last.isEmpty()) {
      return merged;
    }
    FieldSet lastNamed = last.withNamedFields(type);
    Map<String, @Nullable Object> pruned = without(merged, lastNamed);
    FieldSet all = new FieldSet();
    for (Owned owned : managed.owners().values()) {
      all = all.union(owned.set());
    }
    FieldSet mergedSet = TypedTrees.fieldSet(merged, type).withNamedFields(type);
    FieldSet prunedSet = TypedTrees.fieldSet(pruned, type).withNamedFields(type);
    pruned = without(merged, mergedSet.difference(prunedSet.union(all.withNamedFields(type))));
    prunedSet = TypedTrees.fieldSet(pruned, type).withNamedFields(type);
    return without(merged, mergedSet.difference(prunedSet).intersection(lastNamed));
  }

  private Map<String, @Nullable Object> without(Map<String, @Nullable Object> tree, FieldSet gone) {
    return TypedTrees.mapOrEmpty(TypedTrees.remove(tree, gone, type));
  }

  /** What the annotation of client-side apply says was applied and still is as it was applied. */
  private FieldSet lastApplied(Map<String, @Nullable Object> live) {
    String annotation = Trees.string(live, "metadata", "annotations", LAST_APPLIED);
    if (annotation.isEmpty()) {
      return new FieldSet();
    }
    try {
      Object last = Trees.parseJson(annotation.getBytes(StandardCharsets.UTF_8));
      if (!(last instanceof Map) || !Trees.string(last, "apiVersion").equals(apiVersion)) {
        return new FieldSet();
      }
      Map<String, @Nullable Object> bare = bare(Trees.map(last));
      Comparison comparison = Comparison.of(bare, bare(live), type);
      return TypedTrees.fieldSet(bare, type)
          .difference(comparison.modified())
          .difference(comparison.added())
          .difference(comparison.removed());
    } catch (DecodeException | TypeMismatchException e) {
      // What is in the annotation is the user's affair; then it allows nothing.
      return new FieldSet();
    }
  }

  private ManagedFields managedBefore(
      Map<String, @Nullable Object> live, Map<String, @Nullable Object> updated) {
    Object liveEntries = Trees.at(live, "metadata", "managedFields");
    Object newEntries = Trees.at(updated, "metadata", "managedFields");
    try {
      if (subresource.isEmpty()) {
        if (isReset(newEntries)) {
          return new ManagedFields();
        }
        ManagedFields managed = ManagedFields.decode(newEntries);
        if (!managed.owners().isEmpty()) {
          return managed;
        }
      }
    } catch (TypeMismatchException e) {
      // A client that does not understand the entries must not destroy them.
      newEntries = null;
    }
    try {
      return ManagedFields.decode(liveEntries);
    } catch (TypeMismatchException e) {
      return new ManagedFields();
    }
  }

  /** A request empties the managed fields by a list that has nothing, or one empty entry. */
  private static boolean isReset(@Nullable Object entries) {
    if (!(entries instanceof List<?> list)) {
      return false;
    }
    if (list.isEmpty()) {
      return true;
    }
    return list.size() == 1
        && list.getFirst() instanceof Map<?, ?> entry
        && entry.values().stream().allMatch(v -> v == null || v.equals(""));
  }

  /** The tree without what is nobody's: type and managed fields. Shares the rest. */
  private static Map<String, @Nullable Object> bare(Map<String, @Nullable Object> tree) {
    Map<String, @Nullable Object> bare = new LinkedHashMap<>(tree);
    bare.remove("apiVersion");
    bare.remove("kind");
    if (bare.get("metadata") instanceof Map<?, ?> metadata
        && metadata.containsKey("managedFields")) {
      Map<String, @Nullable Object> rest = new LinkedHashMap<>(Trees.map(metadata));
      rest.remove("managedFields");
      bare.put("metadata", rest);
    }
    return bare;
  }

  private static Map<String, @Nullable Object> withManaged(
      Map<String, @Nullable Object> tree, ManagedFields managed) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>(tree);
    Map<String, @Nullable Object> metadata =
        new LinkedHashMap<>(TypedTrees.mapOrEmpty(tree.get("metadata")));
    metadata.remove("managedFields");
    List<@Nullable Object> entries = managed.encode();
    if (!entries.isEmpty()) {
      metadata.put("managedFields", entries);
    }
    result.put("metadata", metadata);
    return result;
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Conflicts before it is known which of them count. */
  private static final class ConflictFound extends RuntimeException {
    record Field(Manager manager, List<PathElement> path) {}

    private final transient List<Field> fields;

    ConflictFound(List<Field> fields) {
      super(null, null, false, false);
      this.fields = fields;
    }

    boolean isEmpty() {
      return fields.isEmpty();
    }

    ConflictFound without(FieldSet allowed) {
      Set<String> paths = new LinkedHashSet<>();
      allowed.forEach(path -> paths.add(FieldSet.pathText(path)));
      return new ConflictFound(
          fields.stream().filter(f -> !paths.contains(FieldSet.pathText(f.path))).toList());
    }

    ApplyConflictException exception() {
      return new ApplyConflictException(
          fields.stream()
              .map(
                  f ->
                      new ApplyConflictException.Conflict(
                          f.manager.describe(), FieldSet.pathText(f.path)))
              .toList());
    }
  }
}
