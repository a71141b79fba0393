package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Map;
import java.util.Set;

/**
 * A pod affinity term with its selectors parsed.
 *
 * @param namespaces of the pods that it speaks of
 * @param namespaceSelector selects further namespaces by their labels
 * @param weight of a preferred term; 0 for a required one
 */
public record AffinityTerm(
    Selector selector,
    Set<String> namespaces,
    Selector namespaceSelector,
    String topologyKey,
    int weight) {
  /** The term as {@code owner} means it: without namespaces it speaks of the owner's. */
  static AffinityTerm of(Pod owner, PodAffinityTerm term, int weight) {
    Set<String> namespaces =
        term.namespaces().isEmpty() && term.namespaceSelector() == null
            ? Set.of(owner.metadata().namespace())
            : Set.copyOf(term.namespaces());
    return new AffinityTerm(
        LabelSelectors.of(term.labelSelector()),
        namespaces,
        LabelSelectors.of(term.namespaceSelector()),
        term.topologyKey(),
        weight);
  }

  /**
   * Whether the term speaks of this pod.
   *
   * @param namespaceLabels those of the pod's namespace
   */
  public boolean matches(Pod pod, Map<String, String> namespaceLabels) {
    return matches(pod.metadata().namespace(), pod.metadata().labels(), namespaceLabels);
  }

  /** Whether the term speaks of a pod of that namespace with those labels. */
  public boolean matches(
      String namespace, Map<String, String> labels, Map<String, String> namespaceLabels) {
    return (namespaces.contains(namespace) || namespaceSelector.matches(namespaceLabels))
        && selector.matches(labels);
  }
}
