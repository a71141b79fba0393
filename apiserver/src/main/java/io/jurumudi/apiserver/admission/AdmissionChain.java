package io.jurumudi.apiserver.admission;

import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All admission rules in their order. Rules that change objects may run twice for a write, when a
 * webhook or policy changed the object; those that take something for it (addresses) run once, on
 * what came out.
 */
public final class AdmissionChain {
  private final List<Admission> rules;
  private final List<Admission> allocations;
  private final List<Admission> all;

  /**
   * @param allocations rules that take something for the object
   */
  public AdmissionChain(List<Admission> rules, List<Admission> allocations) {
    this.rules = List.copyOf(rules);
    this.allocations = List.copyOf(allocations);
    List<Admission> both = new ArrayList<>(rules);
    both.addAll(allocations);
    this.all = List.copyOf(both);
  }

  /** What all rules make of an object that is about to be created or updated. */
  public <T extends KubernetesObject<T>> T mutate(AdmissionRequest request, T object) {
    KubernetesObject<?> admitted = Objects.requireNonNull(mutations(request, object));
    for (Admission rule : allocations) {
      admitted = Objects.requireNonNull(rule.mutate(request, admitted));
    }
    @SuppressWarnings("unchecked") // A rule changes an object, never its kind.
    T same = (T) admitted;
    return same;
  }

  private @Nullable KubernetesObject<?> mutations(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    KubernetesObject<?> admitted = object;
    for (Admission rule : rules) {
      admitted = rule.mutate(request, admitted);
    }
    AdmissionRequest.Asked asked = request.asked();
    if (asked != null && asked.reinvocation().begin()) {
      for (Admission rule : rules) {
        admitted = rule.mutate(request, admitted);
      }
    }
    return admitted;
  }

  public void validate(AdmissionRequest request, KubernetesObject<?> object) {
    all.forEach(rule -> rule.validate(request, object));
  }

  /** Asks about a deletion, or a connection. */
  public void check(AdmissionRequest request) {
    mutations(request, null);
    allocations.forEach(rule -> rule.mutate(request, null));
    all.forEach(rule -> rule.validate(request, null));
  }

  public void undo(AdmissionRequest request, KubernetesObject<?> object) {
    all.forEach(rule -> rule.undo(request, object));
  }

  public void done(AdmissionRequest request, KubernetesObject<?> object) {
    all.forEach(rule -> rule.done(request, object));
  }

  public void deleted(AdmissionRequest request) {
    all.forEach(rule -> rule.done(request, null));
  }
}
