package io.jurumudi.apiserver.validation;

import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.RollingUpdateDaemonSet;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.apps.v1.StatefulSetUpdateStrategy;
import io.jurumudi.api.core.v1.PersistentVolumeClaimVolumeSource;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules for what makes pods. Facts: k8s.io/kubernetes pkg/apis/apps/validation and
 * pkg/apis/batch/validation.
 */
public final class WorkloadValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");

  private WorkloadValidation() {}

  public static List<FieldError> deployment(Deployment d) {
    List<FieldError> errors = Rules.list();
    var s = d.spec();
    Rules.notNegative(s.replicas(), SPEC.child("replicas"), errors);
    selected(s.selector(), s.template(), errors);
    var strategy = s.strategy();
    FieldPath at = SPEC.child("strategy");
    switch (strategy.type()) {
      case "Recreate" -> {
        if (strategy.rollingUpdate() != null) {
          errors.add(
              FieldError.forbidden(
                  at.child("rollingUpdate"),
                  "may not be specified when strategy `type` is 'Recreate'"));
        }
      }
      case "RollingUpdate" -> {
        var rolling = strategy.rollingUpdate();
        if (rolling == null) {
          errors.add(
              FieldError.required(
                  at.child("rollingUpdate"), "this should be defaulted and never be nil"));
        } else {
          rolling(rolling.maxUnavailable(), rolling.maxSurge(), at.child("rollingUpdate"), errors);
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(at, strategy.type(), List.of("Recreate", "RollingUpdate")));
    }
    Rules.notNegative(s.minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    Rules.notNegative(s.revisionHistoryLimit(), SPEC.child("revisionHistoryLimit"), errors);
    if (s.progressDeadlineSeconds() != null) {
      Rules.notNegative(s.progressDeadlineSeconds(), SPEC.child("progressDeadlineSeconds"), errors);
      if (s.progressDeadlineSeconds() <= s.minReadySeconds()) {
        errors.add(
            FieldError.invalid(
                SPEC.child("progressDeadlineSeconds"),
                s.progressDeadlineSeconds(),
                "must be greater than minReadySeconds"));
      }
    }
    return errors;
  }

  public static List<FieldError> deploymentUpdate(Deployment d, Deployment old) {
    List<FieldError> errors = deployment(d);
    MetadataValidation.immutable(
        tree(d.spec().selector()), tree(old.spec().selector()), SPEC.child("selector"), errors);
    return errors;
  }

  public static List<FieldError> replicaSet(ReplicaSet r) {
    List<FieldError> errors = Rules.list();
    Rules.notNegative(r.spec().replicas(), SPEC.child("replicas"), errors);
    Rules.notNegative(r.spec().minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    selected(r.spec().selector(), r.spec().template(), errors);
    return errors;
  }

  public static List<FieldError> replicaSetUpdate(ReplicaSet r, ReplicaSet old) {
    List<FieldError> errors = replicaSet(r);
    MetadataValidation.immutable(
        tree(r.spec().selector()), tree(old.spec().selector()), SPEC.child("selector"), errors);
    return errors;
  }

  public static List<FieldError> daemonSet(DaemonSet d) {
    List<FieldError> errors = Rules.list();
    LabelSelector selector = d.spec().selector();
    int before = errors.size();
    Rules.selector(selector, SPEC.child("selector"), errors);
    if (errors.size() == before) {
      matched(selector, d.spec().template(), errors);
    }
    if (selector != null && Rules.isEmpty(selector)) {
      errors.add(
          FieldError.invalid(
              SPEC.child("selector"), tree(selector), "empty selector is invalid for daemonset"));
    }
    PodSpecValidation.template(d.spec().template(), SPEC.child("template"), errors);
    alwaysRestarts(d.spec().template(), "DaemonSet", errors);
    Rules.notNegative(d.spec().minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    var strategy = d.spec().updateStrategy();
    FieldPath at = SPEC.child("updateStrategy");
    switch (strategy.type()) {
      case "OnDelete" -> {}
      case "RollingUpdate" -> {
        var rolling = strategy.rollingUpdate();
        if (rolling == null) {
          errors.add(FieldError.required(at.child("rollingUpdate"), ""));
        } else {
          rollingDaemons(rolling, at.child("rollingUpdate"), errors);
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(at, strategy.type(), List.of("OnDelete", "RollingUpdate")));
    }
    Rules.notNegative(d.spec().revisionHistoryLimit(), SPEC.child("revisionHistoryLimit"), errors);
    return errors;
  }

  public static List<FieldError> daemonSetUpdate(DaemonSet d, DaemonSet old) {
    List<FieldError> errors = daemonSet(d);
    MetadataValidation.immutable(
        tree(d.spec().selector()), tree(old.spec().selector()), SPEC.child("selector"), errors);
    return errors;
  }

  public static List<FieldError> statefulSet(StatefulSet s) {
    List<FieldError> errors = Rules.list();
    stateful(s, false, errors);
    return errors;
  }

  private static void stateful(StatefulSet s, boolean isUpdate, List<FieldError> errors) {
    var spec = s.spec();
    Set<String> policies = Set.of("OrderedReady", "Parallel");
    if (!policies.contains(spec.podManagementPolicy())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("podManagementPolicy"),
              spec.podManagementPolicy(),
              "must be 'OrderedReady' or 'Parallel'"));
    }
    statefulStrategy(spec.updateStrategy(), SPEC.child("updateStrategy"), errors);
    var retention = spec.persistentVolumeClaimRetentionPolicy();
    if (retention != null) {
      FieldPath at = SPEC.child("persistentVolumeClaimRetentionPolicy");
      Set<String> kinds = Set.of("Delete", "Retain");
      Rules.among(retention.whenDeleted(), kinds, at.child("whenDeleted"), errors);
      Rules.among(retention.whenScaled(), kinds, at.child("whenScaled"), errors);
    }
    for (int i = 0; !isUpdate && i < spec.volumeClaimTemplates().size(); i++) {
      StorageValidation.claimSpec(
          spec.volumeClaimTemplates().get(i).spec(),
          SPEC.child("volumeClaimTemplates").index(i).child("spec"),
          errors);
    }
    Rules.notNegative(spec.replicas(), SPEC.child("replicas"), errors);
    Rules.notNegative(spec.minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    if (spec.ordinals() != null) {
      Rules.notNegative(spec.ordinals().start(), SPEC.child("ordinals.start"), errors);
    }
    if (!isUpdate && !spec.serviceName().isEmpty()) {
      Rules.all(
          Names.isDns1123Label(spec.serviceName()),
          spec.serviceName(),
          SPEC.child("serviceName"),
          errors);
    }
    if (understood(spec.selector(), "statefulset", "", errors)) {
      matched(spec.selector(), spec.template(), errors);
      FieldPath at = SPEC.child("template");
      PodSpecValidation.template(withClaims(s), at, errors);
      // Upstream looks at these twice.
      var metadata = spec.template().metadata();
      errors.addAll(MetadataValidation.labels(metadata.labels(), at.child("labels")));
      errors.addAll(
          MetadataValidation.annotations(metadata.annotations(), at.child("annotations")));
    }
    alwaysRestarts(spec.template(), "StatefulSet", errors);
  }

  /** The template as its pods will be: with a volume for each claim, and names of their own. */
  private static PodTemplateSpec withClaims(StatefulSet s) {
    PodTemplateSpec template = s.spec().template();
    List<Volume> volumes = new ArrayList<>();
    Set<String> claims = new HashSet<>();
    for (var claim : s.spec().volumeClaimTemplates()) {
      String name = claim.metadata().name();
      if (claims.add(name)) {
        var source = PersistentVolumeClaimVolumeSource.builder().claimName(name).build();
        volumes.add(Volume.builder().name(name).persistentVolumeClaim(source).build());
      }
    }
    template.spec().volumes().stream()
        .filter(v -> !claims.contains(v.name()))
        .forEach(volumes::add);
    return template.toBuilder()
        .spec(template.spec().toBuilder().volumes(volumes).subdomain("").hostname("").build())
        .build();
  }

  private static void statefulStrategy(
      StatefulSetUpdateStrategy strategy, FieldPath at, List<FieldError> errors) {
    var rolling = strategy.rollingUpdate();
    switch (strategy.type()) {
      case "OnDelete" -> {
        if (rolling != null) {
          errors.add(
              FieldError.invalid(
                  at.child("rollingUpdate"),
                  Trees.fromMessage(rolling),
                  "only allowed for updateStrategy 'RollingUpdate'"));
        }
      }
      case "RollingUpdate" -> {
        if (rolling == null) {
          return;
        }
        Rules.notNegative(rolling.partition(), at.child("rollingUpdate", "partition"), errors);
        IntOrString unavailable = rolling.maxUnavailable();
        if (unavailable != null) {
          FieldPath path = at.child("rollingUpdate", "maxUnavailable");
          percentOrCount(unavailable, path, errors);
          if (amount(unavailable) == 0) {
            errors.add(FieldError.invalid(path, unavailable.toString(), "cannot be 0"));
          }
          atMostAll(unavailable, path, errors);
        }
      }
      default ->
          errors.add(
              FieldError.invalid(
                  at, Trees.fromMessage(strategy), "must be 'RollingUpdate' or 'OnDelete'"));
    }
  }

  public static List<FieldError> statefulSetUpdate(StatefulSet s, StatefulSet old) {
    List<FieldError> errors = Rules.list();
    stateful(s, true, errors);
    var before = old.spec();
    var allowed =
        s.spec().toBuilder()
            .replicas(before.replicas())
            .template(before.template())
            .updateStrategy(before.updateStrategy())
            .minReadySeconds(before.minReadySeconds())
            .ordinals(before.ordinals())
            .revisionHistoryLimit(before.revisionHistoryLimit())
            .persistentVolumeClaimRetentionPolicy(before.persistentVolumeClaimRetentionPolicy())
            .build();
    if (!allowed.equals(before)) {
      errors.add(
          FieldError.forbidden(
              SPEC,
              "updates to statefulset spec for fields other than 'replicas', 'ordinals',"
                  + " 'template', 'updateStrategy', 'revisionHistoryLimit',"
                  + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"));
    }
    return errors;
  }

  public static List<FieldError> replicationController(ReplicationController rc) {
    List<FieldError> errors = Rules.list();
    Rules.notNegative(rc.spec().replicas(), SPEC.child("replicas"), errors);
    Rules.notNegative(rc.spec().minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    if (rc.spec().selector().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("selector"), ""));
    }
    PodTemplateSpec template = rc.spec().template();
    if (template == null) {
      errors.add(FieldError.required(SPEC.child("template"), ""));
      return errors;
    }
    Selector selector = Selector.ofLabels(rc.spec().selector());
    if (!selector.matches(template.metadata().labels())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("template", "metadata", "labels"),
              template.metadata().labels(),
              "`selector` does not match template `labels`"));
    }
    PodSpecValidation.template(template, SPEC.child("template"), errors);
    alwaysRestarts(template, "ReplicationController", errors);
    return errors;
  }

  /**
   * The selector is there, says something, and chooses the template's pods. Without one that can be
   * understood the template is not looked at.
   */
  private static void selected(
      @Nullable LabelSelector selector, PodTemplateSpec template, List<FieldError> errors) {
    if (!understood(selector, "deployment", "invalid label selector", errors)) {
      return;
    }
    matched(selector, template, errors);
    PodSpecValidation.template(template, SPEC.child("template"), errors);
    alwaysRestarts(template, "ReplicaSet", errors);
  }

  /** Whether the selector, if there is one, can be understood. */
  private static boolean understood(
      @Nullable LabelSelector selector, String what, String detail, List<FieldError> errors) {
    FieldPath path = SPEC.child("selector");
    if (selector == null) {
      errors.add(FieldError.required(path, ""));
      return true;
    }
    int before = errors.size();
    Rules.selector(selector, path, errors);
    boolean good = errors.size() == before;
    if (Rules.isEmpty(selector)) {
      errors.add(FieldError.invalid(path, tree(selector), "empty selector is invalid for " + what));
    }
    if (!good) {
      errors.add(FieldError.invalid(path, tree(selector), detail));
    }
    return good;
  }

  /** An empty selector chooses all, none at all chooses nothing. */
  private static void matched(
      @Nullable LabelSelector selector, PodTemplateSpec template, List<FieldError> errors) {
    if (selector == null || !LabelSelectors.of(selector).matches(template.metadata().labels())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("template", "metadata", "labels"),
              template.metadata().labels(),
              "`selector` does not match template `labels`"));
    }
  }

  private static void alwaysRestarts(
      PodTemplateSpec template, String what, List<FieldError> errors) {
    FieldPath path = SPEC.child("template", "spec");
    if (!template.spec().restartPolicy().equals("Always")) {
      errors.add(
          FieldError.notSupported(
              path.child("restartPolicy"), template.spec().restartPolicy(), List.of("Always")));
    }
    if (template.spec().activeDeadlineSeconds() != null) {
      errors.add(
          FieldError.forbidden(
              path.child("activeDeadlineSeconds"),
              "activeDeadlineSeconds in " + what + " is not Supported"));
    }
  }

  public static List<FieldError> budget(PodDisruptionBudget p) {
    List<FieldError> errors = Rules.list();
    var s = p.spec();
    if (s.minAvailable() != null && s.maxUnavailable() != null) {
      errors.add(
          FieldError.invalid(
              SPEC, Trees.fromMessage(s), "minAvailable and maxUnavailable cannot be both set"));
    }
    percentOrCount(s.minAvailable(), SPEC.child("minAvailable"), errors);
    atMostAll(s.minAvailable(), SPEC.child("minAvailable"), errors);
    percentOrCount(s.maxUnavailable(), SPEC.child("maxUnavailable"), errors);
    atMostAll(s.maxUnavailable(), SPEC.child("maxUnavailable"), errors);
    Rules.selector(s.selector(), SPEC.child("selector"), errors);
    Rules.amongIfSet(
        s.unhealthyPodEvictionPolicy(),
        Set.of("AlwaysAllow", "IfHealthyBudget"),
        SPEC.child("unhealthyPodEvictionPolicy"),
        errors);
    return errors;
  }

  private static void rolling(
      @Nullable IntOrString unavailable,
      @Nullable IntOrString surge,
      FieldPath path,
      List<FieldError> errors) {
    percentOrCount(unavailable, path.child("maxUnavailable"), errors);
    percentOrCount(surge, path.child("maxSurge"), errors);
    if (amount(unavailable) == 0 && amount(surge) == 0) {
      errors.add(
          FieldError.invalid(
              path.child("maxUnavailable"),
              String.valueOf(unavailable),
              "may not be 0 when `maxSurge` is 0"));
    }
    atMostAll(unavailable, path.child("maxUnavailable"), errors);
  }

  private static void rollingDaemons(
      RollingUpdateDaemonSet rolling, FieldPath path, List<FieldError> errors) {
    FieldPath unavailable = path.child("maxUnavailable");
    FieldPath surge = path.child("maxSurge");
    percentOrCount(rolling.maxUnavailable(), unavailable, errors);
    percentOrCount(rolling.maxSurge(), surge, errors);
    atMostAll(rolling.maxUnavailable(), unavailable, errors);
    atMostAll(rolling.maxSurge(), surge, errors);
    boolean takes = amount(rolling.maxUnavailable()) != 0;
    boolean adds = amount(rolling.maxSurge()) != 0;
    if (takes && adds) {
      errors.add(
          FieldError.invalid(
              surge,
              String.valueOf(rolling.maxSurge()),
              "may not be set when maxUnavailable is non-zero"));
    } else if (!takes && !adds) {
      errors.add(FieldError.required(unavailable, "cannot be 0 when maxSurge is 0"));
    }
  }

  /** The number, of a percentage its digits; 0 for text that is none. */
  private static long amount(@Nullable IntOrString value) {
    if (value == null) {
      return 0;
    }
    String text = value.toString();
    if (value.equals(IntOrString.of(text))) {
      return percent(value);
    }
    return Long.parseLong(text);
  }

  private static int percent(IntOrString value) {
    String text = value.toString();
    boolean good = text.endsWith("%") && text.length() < 10 && Names.isPercent(text).isEmpty();
    return good ? Integer.parseInt(text.substring(0, text.length() - 1)) : 0;
  }

  private static void atMostAll(
      @Nullable IntOrString value, FieldPath path, List<FieldError> errors) {
    if (value != null && percent(value) > 100) {
      errors.add(FieldError.invalid(path, value.toString(), "must not be greater than 100%"));
    }
  }

  private static void percentOrCount(
      @Nullable IntOrString value, FieldPath path, List<FieldError> errors) {
    if (value == null) {
      return;
    }
    String text = value.toString();
    if (value.equals(IntOrString.of(text))) {
      Rules.all(Names.isPercent(text), text, path, errors);
    } else {
      Rules.notNegative(Long.parseLong(text), path, errors);
    }
  }

  private static @Nullable Object tree(@Nullable LabelSelector selector) {
    return selector == null ? null : Trees.fromMessage(selector);
  }
}
