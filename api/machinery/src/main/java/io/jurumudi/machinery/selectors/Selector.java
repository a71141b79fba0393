package io.jurumudi.machinery.selectors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A label selector: all its requirements must hold. Immutable. */
public final class Selector {
  private static final Selector EVERYTHING = new Selector(List.of(), false);
  private static final Selector NOTHING = new Selector(List.of(), true);

  private final List<Requirement> requirements;
  private final boolean nothing;

  private Selector(List<Requirement> requirements, boolean nothing) {
    this.requirements = requirements;
    this.nothing = nothing;
  }

  /** Selects every object. */
  public static Selector everything() {
    return EVERYTHING;
  }

  /** Selects no object. */
  public static Selector nothing() {
    return NOTHING;
  }

  /** Selects objects for which all the requirements hold; they are kept in the order of keys. */
  public static Selector of(List<Requirement> requirements) {
    if (requirements.isEmpty()) {
      return EVERYTHING;
    }
    List<Requirement> sorted = new ArrayList<>(requirements);
    sorted.sort(Comparator.comparing(Requirement::key));
    return new Selector(List.copyOf(sorted), false);
  }

  /**
   * Selects objects that carry all these labels. The labels are not checked: they come from an
   * object that was.
   */
  public static Selector ofLabels(Map<String, String> labels) {
    return of(
        labels.entrySet().stream()
            .map(e -> new Requirement(e.getKey(), Operator.EQUALS, List.of(e.getValue())))
            .toList());
  }

  /** Whether an object with these labels is selected. */
  public boolean matches(Map<String, String> labels) {
    if (nothing) {
      return false;
    }
    for (Requirement requirement : requirements) {
      if (!requirement.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  /** Whether every object is selected. */
  public boolean isEverything() {
    return !nothing && requirements.isEmpty();
  }

  /** Whether no object can be selected. */
  public boolean isNothing() {
    return nothing;
  }

  public List<Requirement> requirements() {
    return requirements;
  }

  /** The value that the selector demands of a label, when it demands exactly one. */
  public Optional<String> requiresExactMatch(String key) {
    for (Requirement requirement : requirements) {
      if (requirement.key().equals(key)) {
        return switch (requirement.operator()) {
          case EQUALS, DOUBLE_EQUALS, IN ->
              requirement.values().size() == 1
                  ? Optional.of(requirement.values().getFirst())
                  : Optional.empty();
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  /** The selector as a query parameter has it; the empty string selects everything. */
  @Override
  public String toString() {
    return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Selector that
        && nothing == that.nothing
        && requirements.equals(that.requirements);
  }

  @Override
  public int hashCode() {
    return requirements.hashCode() + (nothing ? 1 : 0);
  }
}
