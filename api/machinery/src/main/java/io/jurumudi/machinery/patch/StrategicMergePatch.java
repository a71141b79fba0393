package io.jurumudi.machinery.patch;

import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.GoQuote;
import io.jurumudi.machinery.patch.PatchType.PatchField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes' own kind of patch: objects merge, and lists merge too where their type says so.
 *
 * <p>A patch can carry directives. In an object, {@code $patch: replace} puts the patch in the
 * object's place, {@code $patch: delete} empties it, and {@code $retainKeys: [a, b]} drops all
 * other keys. In a list that merges by key, an element with {@code $patch: delete} removes its
 * match, and an element {@code $patch: replace} puts the patch's other elements in the list's
 * place. Beside a list {@code x}, {@code $deleteFromPrimitiveList/x} removes scalars and {@code
 * $setElementOrder/x} gives the order. All of it is described in
 * kubernetes/community/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
 */
public final class StrategicMergePatch {
  private static final String DIRECTIVE = "$patch";
  private static final String RETAIN_KEYS = "$retainKeys";
  private static final String DELETE_FROM = "$deleteFromPrimitiveList";
  private static final String SET_ORDER = "$setElementOrder";

  private StrategicMergePatch() {}

  /**
   * The tree with the patch applied; both stay as they are.
   *
   * @throws PatchException when the patch is malformed or does not fit the type
   */
  public static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> tree, Map<String, @Nullable Object> patch, PatchType type) {
    return mergeMap(Trees.map(Trees.copy(tree)), Trees.map(Trees.copy(patch)), type);
  }

  /** The tree of a model type with the patch applied; both stay as they are. */
  public static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> tree, Map<String, @Nullable Object> patch, Schema<?> schema) {
    return apply(tree, patch, new SchemaPatchType(schema));
  }

  /** Merges the patch into the original; both are used up. */
  private static Map<String, @Nullable Object> mergeMap(
      Map<String, @Nullable Object> original,
      Map<String, @Nullable Object> patch,
      @Nullable PatchType type) {
    if (patch.containsKey(DIRECTIVE)) {
      Object directive = patch.remove(DIRECTIVE);
      if ("replace".equals(directive)) {
        return patch;
      }
      if ("delete".equals(directive)) {
        return new LinkedHashMap<>();
      }
      throw unknownDirective(directive);
    }
    retainKeys(original, patch);
    setElementOrders(original, patch, type);
    for (Map.Entry<String, @Nullable Object> entry : patch.entrySet()) {
      String key = entry.getKey();
      Object change = entry.getValue();
      boolean deletion = key.startsWith(DELETE_FROM);
      if (deletion) {
        key = suffix(key, DELETE_FROM, "invalid patch format of primitive list");
      }
      if (change == null) {
        original.remove(key);
        continue;
      }
      Object current = original.get(key);
      boolean maps = current instanceof Map && change instanceof Map;
      boolean lists = current instanceof List && change instanceof List;
      if (maps) {
        PatchField field = field(type, key);
        original.put(
            key,
            field != null && field.replaces()
                ? change
                : mergeMap(
                    Trees.map(current), Trees.map(change), field == null ? null : field.type()));
      } else if (lists) {
        PatchField field = field(type, key);
        original.put(
            key,
            deletion || (field != null && field.merges())
                ? mergeList(Trees.list(current), Trees.list(change), field, deletion)
                : change);
      } else if (!deletion) {
        discardNulls(change);
        if (isDirective(change)) {
          original.remove(key);
        } else {
          original.put(key, withoutDirectives(change));
        }
      }
    }
    return original;
  }

  private static @Nullable PatchField field(@Nullable PatchType type, String key) {
    if (type == null) {
      return null;
    }
    PatchField field = type.field(key);
    if (field == null) {
      throw new PatchException(
          PatchException.Reason.FAILS,
          "unable to find api field " + GoQuote.quote(key) + " in " + type.name());
    }
    return field;
  }

  private static void retainKeys(
      Map<String, @Nullable Object> original, Map<String, @Nullable Object> patch) {
    if (!patch.containsKey(RETAIN_KEYS)) {
      return;
    }
    if (!(patch.remove(RETAIN_KEYS) instanceof List<?> retained)) {
      throw PatchException.bad("invalid patch format of retainKeys");
    }
    Set<Object> kept = new HashSet<>(retained);
    patch.forEach(
        (key, value) -> {
          if (value != null
              && !key.startsWith(DELETE_FROM)
              && !key.startsWith(SET_ORDER)
              && !kept.contains(key)) {
            throw PatchException.bad("invalid patch format of retainKeys");
          }
        });
    original.keySet().retainAll(kept);
  }

  /** Merges the lists for which the patch says an order, and takes them out of the patch. */
  private static void setElementOrders(
      Map<String, @Nullable Object> original,
      Map<String, @Nullable Object> patch,
      @Nullable PatchType type) {
    String bad = "invalid patch format of setElementOrder list";
    for (String directive : patch.keySet().stream().filter(k -> k.startsWith(SET_ORDER)).toList()) {
      String key = suffix(directive, SET_ORDER, bad);
      if (!(patch.remove(directive) instanceof List<?> orderList)) {
        throw PatchException.bad(bad);
      }
      List<@Nullable Object> order = Trees.list(orderList);
      Object current = original.get(key);
      Object change = patch.get(key);
      if ((current != null && !(current instanceof List))
          || (change != null && !(change instanceof List))) {
        throw PatchException.bad(bad);
      }
      PatchField field = field(type, key);
      String mergeKey = field == null ? "" : field.mergeKey();
      List<@Nullable Object> changes = change == null ? List.of() : Trees.list(change);
      checkOrder(changes, order, mergeKey);
      List<@Nullable Object> merged;
      if (change == null) {
        if (current == null) {
          continue;
        }
        merged = Trees.list(current);
      } else if (current == null) {
        discardNulls(change);
        merged = Trees.list(withoutDirectives(change));
      } else if (field != null && field.merges()) {
        merged = mergeList(Trees.list(current), changes, field, false);
      } else {
        merged = changes;
      }
      List<@Nullable Object> before = current == null ? List.of() : Trees.list(current);
      original.put(key, ordered(merged, order, before, mergeKey));
      patch.remove(key);
    }
  }

  /** The patch's elements must come in the order that the directive gives. */
  private static void checkOrder(
      List<@Nullable Object> changes, List<@Nullable Object> order, String mergeKey) {
    if (order.isEmpty()) {
      return;
    }
    int place = 0;
    for (Object change : changes) {
      if (isDirective(change)) {
        continue;
      }
      while (place < order.size() && !same(change, order.get(place), mergeKey)) {
        place++;
      }
      if (place == order.size()) {
        throw new PatchException(
            PatchException.Reason.FAILS,
            "The order in patch list:\n"
                + GoText.of(changes)
                + "\n doesn't match "
                + SET_ORDER
                + " list:\n"
                + GoText.of(order)
                + "\n");
      }
      place++;
    }
  }

  private static List<@Nullable Object> mergeList(
      List<@Nullable Object> original,
      List<@Nullable Object> patch,
      @Nullable PatchField field,
      boolean deletion) {
    if (original.isEmpty() && patch.isEmpty()) {
      return original;
    }
    if (!ofMaps(original, patch)) {
      if (deletion) {
        Set<@Nullable Object> gone = new HashSet<>(patch);
        return new ArrayList<>(original.stream().filter(v -> !gone.contains(v)).toList());
      }
      Set<@Nullable Object> both = new LinkedHashSet<>(original);
      both.addAll(patch);
      return ordered(new ArrayList<>(both), patch, original, "");
    }
    String mergeKey = field == null ? "" : field.mergeKey();
    PatchType type = field == null ? null : field.type();
    if (mergeKey.isEmpty()) {
      throw new PatchException(
          PatchException.Reason.FAILS,
          "cannot merge lists without merge key for " + (type == null ? "" : type.name()));
    }
    List<@Nullable Object> changes = new ArrayList<>();
    List<@Nullable Object> base = new ArrayList<>(original);
    boolean replace = false;
    for (Object element : patch) {
      Map<String, @Nullable Object> map = Trees.map(element);
      Object directive = map.get(DIRECTIVE);
      if (!map.containsKey(DIRECTIVE)) {
        changes.add(map);
      } else if ("delete".equals(directive)) {
        Object value = keyOf(map, mergeKey);
        base.removeIf(e -> Objects.equals(Trees.map(e).get(mergeKey), value));
      } else if ("replace".equals(directive)) {
        replace = true;
      } else if ("merge".equals(directive)) {
        throw new PatchException(
            PatchException.Reason.FAILS, "merging lists cannot yet be specified in the patch");
      } else {
        throw unknownDirective(directive);
      }
    }
    if (replace) {
      return changes;
    }
    List<@Nullable Object> merged = new ArrayList<>(base);
    for (Object change : changes) {
      Map<String, @Nullable Object> map = Trees.map(change);
      int at = find(merged, mergeKey, keyOf(map, mergeKey));
      if (at < 0) {
        merged.add(map);
      } else {
        merged.set(at, mergeMap(Trees.map(merged.get(at)), map, type));
      }
    }
    return ordered(merged, changes, base, mergeKey);
  }

  /**
   * The merged list in order: elements that the patch knows as the patch has them, the server's own
   * as the server had them, and between the two whichever the server had first.
   */
  private static List<@Nullable Object> ordered(
      List<@Nullable Object> merged,
      List<@Nullable Object> patchOrder,
      List<@Nullable Object> serverOrder,
      String mergeKey) {
    List<@Nullable Object> known = new ArrayList<>();
    List<@Nullable Object> own = new ArrayList<>();
    for (Object element : merged) {
      (index(patchOrder, element, mergeKey) >= 0 ? known : own).add(element);
    }
    known.sort(Comparator.comparingInt(e -> index(patchOrder, e, mergeKey)));
    own.sort(Comparator.comparingInt(e -> last(index(serverOrder, e, mergeKey))));
    List<@Nullable Object> result = new ArrayList<>(merged.size());
    int left = 0;
    int right = 0;
    while (left < own.size() || right < known.size()) {
      boolean takeLeft;
      if (left == own.size()) {
        takeLeft = false;
      } else if (right == known.size()) {
        takeLeft = true;
      } else {
        int l = index(serverOrder, own.get(left), mergeKey);
        int r = index(serverOrder, known.get(right), mergeKey);
        takeLeft = l >= 0 && r >= 0 && l < r;
      }
      result.add(takeLeft ? own.get(left++) : known.get(right++));
    }
    return result;
  }

  private static int last(int index) {
    return index < 0 ? Integer.MAX_VALUE : index;
  }

  private static int index(List<@Nullable Object> list, @Nullable Object element, String mergeKey) {
    if (element instanceof Map && !mergeKey.isEmpty()) {
      return find(list, mergeKey, keyOf(Trees.map(element), mergeKey));
    }
    return list.indexOf(element);
  }

  private static int find(List<@Nullable Object> list, String mergeKey, @Nullable Object value) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) instanceof Map<?, ?> map
          && map.containsKey(mergeKey)
          && Objects.equals(map.get(mergeKey), value)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean same(@Nullable Object left, @Nullable Object right, String mergeKey) {
    if (mergeKey.isEmpty()) {
      return Objects.equals(left, right);
    }
    if (!(left instanceof Map) || !(right instanceof Map)) {
      throw PatchException.bad("invalid patch format of setElementOrder list");
    }
    return Objects.equals(keyOf(Trees.map(left), mergeKey), keyOf(Trees.map(right), mergeKey));
  }

  private static @Nullable Object keyOf(Map<String, @Nullable Object> map, String mergeKey) {
    if (!map.containsKey(mergeKey)) {
      throw new PatchException(
          PatchException.Reason.FAILS,
          "map: " + GoText.of(map) + " does not contain declared merge key: " + mergeKey);
    }
    return map.get(mergeKey);
  }

  /** Whether the lists hold objects; a mix, or a list in a list, is refused. */
  private static boolean ofMaps(List<@Nullable Object> original, List<@Nullable Object> patch) {
    boolean maps = false;
    boolean scalars = false;
    for (List<@Nullable Object> list : List.of(original, patch)) {
      for (Object element : list) {
        if (element instanceof List) {
          throw PatchException.doesNotApply("lists of lists are not supported");
        }
        maps |= element instanceof Map;
        scalars |= !(element instanceof Map);
      }
    }
    if (maps && scalars) {
      throw new PatchException(PatchException.Reason.FAILS, "list element types are not identical");
    }
    return maps;
  }

  private static boolean isDirective(@Nullable Object tree) {
    return tree instanceof Map<?, ?> map && map.containsKey(DIRECTIVE);
  }

  private static @Nullable Object withoutDirectives(@Nullable Object tree) {
    if (tree instanceof Map<?, ?>) {
      Map<String, @Nullable Object> map = Trees.map(tree);
      map.values().removeIf(StrategicMergePatch::isDirective);
      map.replaceAll((key, value) -> withoutDirectives(value));
    } else if (tree instanceof List<?>) {
      List<@Nullable Object> list = Trees.list(tree);
      list.removeIf(StrategicMergePatch::isDirective);
      list.replaceAll(StrategicMergePatch::withoutDirectives);
    }
    return tree;
  }

  private static void discardNulls(@Nullable Object tree) {
    if (tree instanceof Map<?, ?> map) {
      map.values().removeIf(Objects::isNull);
      map.values().forEach(StrategicMergePatch::discardNulls);
    } else if (tree instanceof List<?> list) {
      list.forEach(StrategicMergePatch::discardNulls);
    }
  }

  private static String suffix(String key, String prefix, String error) {
    if (!key.startsWith(prefix + "/")) {
      throw PatchException.bad(error);
    }
    return key.substring(prefix.length() + 1);
  }

  private static PatchException unknownDirective(@Nullable Object directive) {
    return new PatchException(
        PatchException.Reason.FAILS, "unknown patch type: " + GoText.of(directive));
  }
}
