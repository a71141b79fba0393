package io.jurumudi.scheduler.framework;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What plugins remember between the points of one scheduling cycle. The remembered values are
 * immutable, so that a copy of the state is cheap and independent. Owner: one thread.
 */
public final class CycleState {
  private final Map<Plugin, Object> values;
  private final Set<Plugin> skipFilter;
  private final Set<Plugin> skipScore;

  /** The filters that are not skipped; null until one is asked. */
  private @Nullable List<Plugin.Filter> filters;

  public CycleState() {
    this(new HashMap<>(), new HashSet<>(), new HashSet<>());
  }

  private CycleState(Map<Plugin, Object> values, Set<Plugin> skipFilter, Set<Plugin> skipScore) {
    this.values = values;
    this.skipFilter = skipFilter;
    this.skipScore = skipScore;
  }

  public CycleState copy() {
    CycleState copy =
        new CycleState(new HashMap<>(values), new HashSet<>(skipFilter), new HashSet<>(skipScore));
    copy.filters = filters;
    return copy;
  }

  public void put(Plugin owner, Object value) {
    values.put(owner, value);
  }

  public <T> Optional<T> get(Plugin owner, Class<T> type) {
    Object value = values.get(owner);
    return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
  }

  Set<Plugin> skipFilter() {
    return skipFilter;
  }

  void skipFilter(Plugin plugin) {
    skipFilter.add(plugin);
    filters = null;
  }

  /** Those of the plugins that filter and are not skipped: asked for each node, worked out once. */
  List<Plugin.Filter> filters(List<Plugin> plugins) {
    List<Plugin.Filter> asked = filters;
    if (asked == null) {
      asked = new ArrayList<>();
      for (Plugin plugin : plugins) {
        if (plugin instanceof Plugin.Filter filter && !skipFilter.contains(plugin)) {
          asked.add(filter);
        }
      }
      filters = asked;
    }
    return asked;
  }

  Set<Plugin> skipScore() {
    return skipScore;
  }
}
