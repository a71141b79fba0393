package io.jurumudi.apiserver.admission;

import io.jurumudi.api.schema.KubernetesObject;
import java.util.List;
import java.util.Objects;

/** All admission rules in their order. */
public final class AdmissionChain {
  private final List<Admission> rules;

  public AdmissionChain(List<Admission> rules) {
    this.rules = List.copyOf(rules);
  }

  /** What all rules make of an object that is about to be created or updated. */
  public <T extends KubernetesObject<T>> T mutate(AdmissionRequest request, T object) {
    KubernetesObject<?> admitted = object;
    for (Admission rule : rules) {
      admitted = Objects.requireNonNull(rule.mutate(request, admitted));
    }
    @SuppressWarnings("unchecked") // A rule changes an object, never its kind.
    T same = (T) admitted;
    return same;
  }

  public void validate(AdmissionRequest request, KubernetesObject<?> object) {
    rules.forEach(rule -> rule.validate(request, object));
  }

  /** Asks about a deletion. */
  public void validateDelete(AdmissionRequest request) {
    for (Admission rule : rules) {
      rule.mutate(request, null);
      rule.validate(request, null);
    }
  }

  public void undo(AdmissionRequest request, KubernetesObject<?> object) {
    rules.forEach(rule -> rule.undo(request, object));
  }

  public void done(AdmissionRequest request, KubernetesObject<?> object) {
    rules.forEach(rule -> rule.done(request, object));
  }

  public void deleted(AdmissionRequest request) {
    rules.forEach(rule -> rule.done(request, null));
  }
}
