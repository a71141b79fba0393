package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.kubelet.pod.PodConditions;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The strategic merge patch from one status of a pod to another. Conditions are merged by type, so
 * that those of others stay; addresses, which would merge too, are replaced.
 */
final class StatusPatch {
  private static final Set<String> MERGED_BUT_OWNED = Set.of("podIPs", "hostIPs");

  private StatusPatch() {}

  /** Empty when the API has it already. */
  static Optional<byte[]> of(Pod base, PodStatus next) {
    Map<String, @Nullable Object> from = Trees.fromMessage(base.status());
    Map<String, @Nullable Object> to = Trees.fromMessage(next);
    Map<String, @Nullable Object> status = new LinkedHashMap<>();
    to.forEach(
        (key, value) -> {
          Object before = from.get(key);
          if (Objects.equals(before, value)) {
            return;
          }
          if (key.equals("conditions")) {
            List<Object> changed = conditions(list(before), list(value));
            if (!changed.isEmpty()) {
              status.put(key, changed);
            }
          } else if (MERGED_BUT_OWNED.contains(key)) {
            List<Object> replaced = new ArrayList<>(list(value));
            replaced.add(Map.of("$patch", "replace"));
            status.put(key, replaced);
          } else {
            status.put(key, value);
          }
        });
    for (String key : from.keySet()) {
      if (!to.containsKey(key) && !key.equals("conditions")) {
        status.put(key, null);
      }
    }
    if (status.isEmpty()) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> patch = new LinkedHashMap<>();
    patch.put("metadata", Map.of("uid", base.metadata().uid()));
    patch.put("status", status);
    return Optional.of(Trees.writeJson(patch));
  }

  private static List<Object> conditions(List<?> before, List<?> after) {
    List<Object> changed = new ArrayList<>();
    for (Object c : after) {
      if (!(c instanceof Map<?, ?> condition) || before.contains(condition)) {
        continue;
      }
      Map<Object, @Nullable Object> element = new LinkedHashMap<>();
      for (Object b : before) {
        if (b instanceof Map<?, ?> old && Objects.equals(old.get("type"), condition.get("type"))) {
          // What is no longer said must be taken back, or merging would keep it.
          old.keySet().forEach(k -> element.put(k, null));
        }
      }
      element.putAll(condition);
      changed.add(element);
    }
    for (Object b : before) {
      if (b instanceof Map<?, ?> old
          && PodConditions.OWNED.contains(String.valueOf(old.get("type")))
          && after.stream()
              .noneMatch(
                  a ->
                      a instanceof Map<?, ?> m && Objects.equals(m.get("type"), old.get("type")))) {
        changed.add(Map.of("$patch", "delete", "type", String.valueOf(old.get("type"))));
      }
    }
    return changed;
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> l ? l : List.of();
  }
}
