package io.jurumudi.machinery.selectors;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A field selector: all its terms must hold. Immutable. */
public record FieldSelector(List<Term> terms) {
  /** Selects every object. */
  public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

  public FieldSelector {
    terms = List.copyOf(terms);
  }

  /** A field and the value it must have, or must not have when the term is negated. */
  public record Term(String field, boolean negated, String value) {
    @Override
    public String toString() {
      return field + (negated ? "!=" : "=") + FieldSelectors.escape(value);
    }
  }

  /**
   * Whether an object is selected.
   *
   * @param fields gives the value of a field by its path, and the empty string when it is unset
   */
  public boolean matches(UnaryOperator<String> fields) {
    for (Term term : terms) {
      if (fields.apply(term.field).equals(term.value) == term.negated) {
        return false;
      }
    }
    return true;
  }

  public boolean isEverything() {
    return terms.isEmpty();
  }

  /** The value that the selector demands of a field, if it does. */
  public Optional<String> requiresExactMatch(String field) {
    return terms.stream()
        .filter(t -> !t.negated && t.field.equals(field))
        .map(Term::value)
        .findFirst();
  }

  /** The selector with each term changed; a term changed to null is left out. */
  public FieldSelector map(Function<Term, Optional<Term>> change) {
    return new FieldSelector(terms.stream().map(change).flatMap(Optional::stream).toList());
  }

  @Override
  public String toString() {
    return terms.stream().map(Term::toString).collect(Collectors.joining(","));
  }
}
