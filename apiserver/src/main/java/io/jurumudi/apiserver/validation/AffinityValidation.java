package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for what says on which nodes a pod may run. */
final class AffinityValidation {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
  private static final Set<String> EFFECTS = Set.of("NoExecute", "NoSchedule", "PreferNoSchedule");
  private static final Set<String> ACTIONS = Set.of("DoNotSchedule", "ScheduleAnyway");
  private static final Set<String> INCLUSION = Set.of("Honor", "Ignore");

  private AffinityValidation() {}

  static void affinity(@Nullable Affinity a, FieldPath path, List<FieldError> errors) {
    if (a == null) {
      return;
    }
    var nodes = a.nodeAffinity();
    if (nodes != null) {
      FieldPath at = path.child("nodeAffinity");
      if (nodes.requiredDuringSchedulingIgnoredDuringExecution() != null) {
        nodeSelector(
            nodes.requiredDuringSchedulingIgnoredDuringExecution(), at.child(REQUIRED), errors);
      }
      var preferred = nodes.preferredDuringSchedulingIgnoredDuringExecution();
      for (int i = 0; i < preferred.size(); i++) {
        FieldPath term = at.child(PREFERRED).index(i);
        weight(preferred.get(i).weight(), term, errors);
        // A value that no node can have does no harm where it is only a wish.
        term(preferred.get(i).preference(), false, term.child("preference"), errors);
      }
    }
    if (a.podAffinity() != null) {
      FieldPath at = path.child("podAffinity");
      terms(
          a.podAffinity().requiredDuringSchedulingIgnoredDuringExecution(),
          a.podAffinity().preferredDuringSchedulingIgnoredDuringExecution(),
          at,
          errors);
    }
    if (a.podAntiAffinity() != null) {
      FieldPath at = path.child("podAntiAffinity");
      terms(
          a.podAntiAffinity().requiredDuringSchedulingIgnoredDuringExecution(),
          a.podAntiAffinity().preferredDuringSchedulingIgnoredDuringExecution(),
          at,
          errors);
    }
  }

  private static void weight(int weight, FieldPath path, List<FieldError> errors) {
    if (weight <= 0 || weight > 100) {
      errors.add(
          FieldError.invalid(path.child("weight"), (long) weight, "must be in the range 1-100"));
    }
  }

  static void nodeSelector(NodeSelector selector, FieldPath path, List<FieldError> errors) {
    FieldPath at = path.child("nodeSelectorTerms");
    if (selector.nodeSelectorTerms().isEmpty()) {
      errors.add(FieldError.required(at, "must have at least one node selector term"));
    }
    for (int i = 0; i < selector.nodeSelectorTerms().size(); i++) {
      term(selector.nodeSelectorTerms().get(i), true, at.index(i), errors);
    }
  }

  private static void term(
      NodeSelectorTerm term, boolean checksValues, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < term.matchExpressions().size(); i++) {
      FieldPath at = path.child("matchExpressions").index(i);
      label(term.matchExpressions().get(i), checksValues, at, errors);
    }
    for (int i = 0; i < term.matchFields().size(); i++) {
      field(term.matchFields().get(i), path.child("matchFields").index(i), errors);
    }
  }

  private static void label(
      NodeSelectorRequirement r, boolean checksValues, FieldPath path, List<FieldError> errors) {
    switch (r.operator()) {
      case "In", "NotIn" -> {
        if (r.values().isEmpty()) {
          errors.add(
              FieldError.required(
                  path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (!r.values().isEmpty()) {
          errors.add(
              FieldError.forbidden(
                  path.child("values"),
                  "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
      }
      case "Gt", "Lt" -> {
        if (r.values().size() != 1) {
          errors.add(
              FieldError.required(
                  path.child("values"),
                  "must be specified single value when `operator` is 'Lt' or 'Gt'"));
        }
      }
      default -> badOperator(r, path, errors);
    }
    Rules.all(Names.isQualifiedName(r.key()), r.key(), path.child("key"), errors);
    if (checksValues) {
      for (int i = 0; i < r.values().size(); i++) {
        String value = r.values().get(i);
        Rules.all(Names.isLabelValue(value), value, path.child("values").index(i), errors);
      }
    }
  }

  private static void badOperator(
      NodeSelectorRequirement r, FieldPath path, List<FieldError> errors) {
    errors.add(
        FieldError.invalid(path.child("operator"), r.operator(), "not a valid selector operator"));
  }

  private static void field(NodeSelectorRequirement r, FieldPath path, List<FieldError> errors) {
    if (!r.operator().equals("In") && !r.operator().equals("NotIn")) {
      badOperator(r, path, errors);
    } else if (r.values().size() != 1) {
      errors.add(
          FieldError.required(
              path.child("values"),
              "must be only one value when `operator` is 'In' or 'NotIn' for node field"
                  + " selector"));
    }
    if (!r.key().equals("metadata.name")) {
      errors.add(FieldError.invalid(path.child("key"), r.key(), "not a valid field selector key"));
      return;
    }
    for (int i = 0; i < r.values().size(); i++) {
      String value = r.values().get(i);
      Rules.all(Names.isDns1123Subdomain(value), value, path.child("values").index(i), errors);
    }
  }

  private static void terms(
      List<PodAffinityTerm> required,
      List<WeightedPodAffinityTerm> preferred,
      FieldPath path,
      List<FieldError> errors) {
    for (int i = 0; i < required.size(); i++) {
      podTerm(required.get(i), path.child(REQUIRED).index(i), errors);
    }
    for (int i = 0; i < preferred.size(); i++) {
      FieldPath at = path.child(PREFERRED).index(i);
      weight(preferred.get(i).weight(), at, errors);
      podTerm(preferred.get(i).podAffinityTerm(), at.child("podAffinityTerm"), errors);
    }
  }

  private static void podTerm(PodAffinityTerm t, FieldPath path, List<FieldError> errors) {
    Rules.selector(t.labelSelector(), path.child("labelSelector"), errors);
    Rules.selector(t.namespaceSelector(), path.child("namespaceSelector"), errors);
    for (String namespace : t.namespaces()) {
      Rules.all(Names.isDns1123Label(namespace), namespace, path.child("namespace"), errors);
    }
    keys(t.matchLabelKeys(), t.mismatchLabelKeys(), t.labelSelector(), path, errors);
    if (t.topologyKey().isEmpty()) {
      errors.add(FieldError.required(path.child("topologyKey"), "can not be empty"));
    }
    Rules.all(
        Names.isQualifiedName(t.topologyKey()), t.topologyKey(), path.child("topologyKey"), errors);
  }

  private static void keys(
      List<String> match,
      List<String> mismatch,
      @Nullable LabelSelector selector,
      FieldPath path,
      List<FieldError> errors) {
    labelKeys(match, selector, path.child("matchLabelKeys"), errors);
    labelKeys(mismatch, selector, path.child("mismatchLabelKeys"), errors);
    if (selector != null) {
      Set<String> seen = new HashSet<>(selector.matchLabels().keySet());
      for (var expression : selector.matchExpressions()) {
        int index = match.lastIndexOf(expression.key());
        if (index >= 0 && seen.contains(expression.key())) {
          errors.add(
              FieldError.invalid(
                  path.index(index),
                  expression.key(),
                  "exists in both matchLabelKeys and labelSelector"));
        }
        seen.add(expression.key());
      }
    }
    for (int i = 0; i < match.size(); i++) {
      if (mismatch.contains(match.get(i))) {
        errors.add(
            FieldError.invalid(
                path.child("matchLabelKeys").index(i),
                match.get(i),
                "exists in both matchLabelKeys and mismatchLabelKeys"));
      }
    }
  }

  private static void labelKeys(
      List<String> keys,
      @Nullable LabelSelector selector,
      FieldPath path,
      List<FieldError> errors) {
    if (keys.isEmpty()) {
      return;
    }
    if (selector == null) {
      errors.add(FieldError.forbidden(path, "must not be specified when labelSelector is not set"));
      return;
    }
    for (int i = 0; i < keys.size(); i++) {
      Rules.all(Names.isQualifiedName(keys.get(i)), keys.get(i), path.index(i), errors);
    }
  }

  static void tolerations(List<Toleration> tolerations, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < tolerations.size(); i++) {
      Toleration t = tolerations.get(i);
      FieldPath at = path.index(i);
      if (!t.key().isEmpty()) {
        Rules.all(Names.isQualifiedName(t.key()), t.key(), at.child("key"), errors);
      }
      if (t.key().isEmpty() && !t.operator().equals("Exists")) {
        errors.add(
            FieldError.invalid(
                at.child("operator"),
                t.operator(),
                "operator must be Exists when `key` is empty, which means \"match all values and"
                    + " all keys\""));
      }
      if (t.tolerationSeconds() != null && !t.effect().equals("NoExecute")) {
        errors.add(
            FieldError.invalid(
                at.child("effect"),
                t.effect(),
                "effect must be 'NoExecute' when `tolerationSeconds` is set"));
      }
      switch (t.operator()) {
        case "", "Equal" -> {
          List<String> wrong = Names.isLabelValue(t.value());
          if (!wrong.isEmpty()) {
            errors.add(
                FieldError.invalid(at.child("operator"), t.value(), String.join(";", wrong)));
          }
        }
        case "Exists" -> {
          if (!t.value().isEmpty()) {
            errors.add(
                FieldError.invalid(
                    at.child("operator"),
                    t.value(),
                    "value must be empty when `operator` is 'Exists'"));
          }
        }
        case "Lt", "Gt" ->
            errors.add(
                FieldError.notSupported(
                    at.child("operator"), t.operator(), List.of("Equal", "Exists", "Lt", "Gt")));
        default ->
            errors.add(
                FieldError.notSupported(
                    at.child("operator"), t.operator(), List.of("Equal", "Exists")));
      }
      if (!t.effect().isEmpty()) {
        Rules.among(t.effect(), EFFECTS, at.child("effect"), errors);
      }
    }
  }

  static void spread(
      List<TopologySpreadConstraint> constraints, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < constraints.size(); i++) {
      TopologySpreadConstraint c = constraints.get(i);
      FieldPath at = path.index(i);
      positive(c.maxSkew(), at.child("maxSkew"), errors);
      if (c.topologyKey().isEmpty()) {
        errors.add(FieldError.required(at.child("topologyKey"), "can not be empty"));
      }
      Rules.among(c.whenUnsatisfiable(), ACTIONS, at.child("whenUnsatisfiable"), errors);
      List<String> pair = List.of(c.topologyKey(), c.whenUnsatisfiable());
      if (constraints.subList(i + 1, constraints.size()).stream()
          .anyMatch(o -> List.of(o.topologyKey(), o.whenUnsatisfiable()).equals(pair))) {
        errors.add(
            FieldError.duplicate(
                at.child("{topologyKey, whenUnsatisfiable}"),
                "{" + c.topologyKey() + ", " + c.whenUnsatisfiable() + "}"));
      }
      Integer domains = c.minDomains();
      if (domains != null) {
        positive(domains, at.child("minDomains"), errors);
        if (!c.whenUnsatisfiable().equals("DoNotSchedule")) {
          errors.add(
              FieldError.invalid(
                  at.child("minDomains"),
                  (long) domains,
                  "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "
                      + c.whenUnsatisfiable()));
        }
      }
      Rules.amongIfSet(c.nodeAffinityPolicy(), INCLUSION, at.child("nodeAffinityPolicy"), errors);
      Rules.amongIfSet(c.nodeTaintsPolicy(), INCLUSION, at.child("nodeTaintsPolicy"), errors);
      keys(c.matchLabelKeys(), List.of(), c.labelSelector(), at, errors);
      Rules.selector(c.labelSelector(), at.child("labelSelector"), errors);
    }
  }

  private static void positive(int value, FieldPath path, List<FieldError> errors) {
    if (value <= 0) {
      errors.add(FieldError.invalid(path, (long) value, "must be greater than zero"));
    }
  }
}
