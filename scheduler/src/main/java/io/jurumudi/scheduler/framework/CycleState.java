package io.jurumudi.scheduler.framework;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What plugins remember between the points of one scheduling cycle. The remembered values are
 * immutable, so that a copy of the state is cheap and independent. Owner: one thread.
 */
public final class CycleState {
  private final Map<Plugin, Object> values;
  private final Set<Plugin> skipFilter;
  private final Set<Plugin> skipScore;

  public CycleState() {
    this(new HashMap<>(), new HashSet<>(), new HashSet<>());
  }

  private CycleState(Map<Plugin, Object> values, Set<Plugin> skipFilter, Set<Plugin> skipScore) {
    this.values = values;
    this.skipFilter = skipFilter;
    this.skipScore = skipScore;
  }

  public CycleState copy() {
    return new CycleState(
        new HashMap<>(values), new HashSet<>(skipFilter), new HashSet<>(skipScore));
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

  Set<Plugin> skipScore() {
    return skipScore;
  }
}
