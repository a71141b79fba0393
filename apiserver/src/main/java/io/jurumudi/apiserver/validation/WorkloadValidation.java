package io.jurumudi.apiserver.validation;

import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules for what makes pods. Facts: k8s.io/kubernetes pkg/apis/apps/validation and
 * pkg/apis/batch/validation.
 */
public final class WorkloadValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");

  /** A cron job's name leaves room for what its jobs' names add. */
  private static final int MAX_CRON_JOB_NAME = 52;

  private WorkloadValidation() {}

  public static List<FieldError> deployment(Deployment d) {
    List<FieldError> errors = Rules.list();
    var s = d.spec();
    Rules.notNegative(s.replicas(), SPEC.child("replicas"), errors);
    selector(s.selector(), s.template(), "deployment", errors);
    alwaysRestarts(s.template(), errors);
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
    selector(r.spec().selector(), r.spec().template(), "replica set", errors);
    alwaysRestarts(r.spec().template(), errors);
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
    selector(d.spec().selector(), d.spec().template(), "daemon set", errors);
    alwaysRestarts(d.spec().template(), errors);
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
          percentOrCount(
              rolling.maxUnavailable(), at.child("rollingUpdate", "maxUnavailable"), errors);
          percentOrCount(rolling.maxSurge(), at.child("rollingUpdate", "maxSurge"), errors);
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
    var spec = s.spec();
    Set<String> policies = Set.of("OrderedReady", "Parallel");
    if (!policies.contains(spec.podManagementPolicy())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("podManagementPolicy"),
              spec.podManagementPolicy(),
              "must be 'OrderedReady' or 'Parallel'"));
    }
    FieldPath at = SPEC.child("updateStrategy");
    switch (spec.updateStrategy().type()) {
      case "OnDelete" -> {
        if (spec.updateStrategy().rollingUpdate() != null) {
          errors.add(
              FieldError.invalid(
                  at.child("rollingUpdate"),
                  "",
                  "only allowed for updateStrategy 'RollingUpdate'"));
        }
      }
      case "RollingUpdate" -> {
        var rolling = spec.updateStrategy().rollingUpdate();
        if (rolling != null) {
          Rules.notNegative(rolling.partition(), at.child("rollingUpdate", "partition"), errors);
        }
      }
      default ->
          errors.add(
              FieldError.invalid(
                  at, spec.updateStrategy().type(), "must be 'RollingUpdate' or 'OnDelete'"));
    }
    Rules.notNegative(spec.replicas(), SPEC.child("replicas"), errors);
    Rules.notNegative(spec.minReadySeconds(), SPEC.child("minReadySeconds"), errors);
    selector(spec.selector(), spec.template(), "statefulset", errors);
    alwaysRestarts(spec.template(), errors);
    return errors;
  }

  public static List<FieldError> statefulSetUpdate(StatefulSet s, StatefulSet old) {
    List<FieldError> errors = statefulSet(s);
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
    alwaysRestarts(template, errors);
    return errors;
  }

  public static List<FieldError> job(Job j) {
    List<FieldError> errors = Rules.list();
    jobSpec(j.spec(), SPEC, errors);
    LabelSelector selector = j.spec().selector();
    if (selector == null) {
      errors.add(FieldError.required(SPEC.child("selector"), ""));
    } else {
      Rules.selector(selector, SPEC.child("selector"), errors);
      if (errors.isEmpty()
          && !LabelSelectors.of(selector).matches(j.spec().template().metadata().labels())) {
        errors.add(
            FieldError.invalid(
                SPEC.child("template", "metadata", "labels"),
                j.spec().template().metadata().labels(),
                "`selector` does not match template `labels`"));
      }
    }
    return errors;
  }

  private static void jobSpec(JobSpec s, FieldPath path, List<FieldError> errors) {
    Rules.notNegative(s.parallelism(), path.child("parallelism"), errors);
    Rules.notNegative(s.completions(), path.child("completions"), errors);
    Rules.notNegative(s.activeDeadlineSeconds(), path.child("activeDeadlineSeconds"), errors);
    Rules.notNegative(s.backoffLimit(), path.child("backoffLimit"), errors);
    Rules.notNegative(s.ttlSecondsAfterFinished(), path.child("ttlSecondsAfterFinished"), errors);
    String mode = s.completionMode();
    if (mode != null) {
      if (!Set.of("Indexed", "NonIndexed").contains(mode)) {
        errors.add(
            FieldError.notSupported(
                path.child("completionMode"), mode, List.of("Indexed", "NonIndexed")));
      }
      if (mode.equals("Indexed") && s.completions() == null) {
        errors.add(
            FieldError.required(path.child("completions"), "when completion mode is Indexed"));
      }
    }
    PodSpecValidation.template(s.template(), path.child("template"), errors);
    String restart = s.template().spec().restartPolicy();
    if (restart.equals("Always")) {
      errors.add(
          FieldError.required(
              path.child("template", "spec", "restartPolicy"),
              "valid values: \"OnFailure\", \"Never\""));
    }
  }

  public static List<FieldError> jobUpdate(Job j, Job old) {
    List<FieldError> errors = job(j);
    MetadataValidation.immutable(
        tree(j.spec().selector()), tree(old.spec().selector()), SPEC.child("selector"), errors);
    boolean suspended =
        Boolean.TRUE.equals(old.spec().suspend()) && old.status().startTime() == null;
    if (!suspended && !j.spec().template().equals(old.spec().template())) {
      errors.add(FieldError.invalid(SPEC.child("template"), "", "field is immutable"));
    }
    MetadataValidation.immutable(
        j.spec().completionMode(),
        old.spec().completionMode(),
        SPEC.child("completionMode"),
        errors);
    if (!"Indexed".equals(j.spec().completionMode())) {
      MetadataValidation.immutable(
          j.spec().completions(), old.spec().completions(), SPEC.child("completions"), errors);
    }
    return errors;
  }

  public static List<FieldError> cronJob(CronJob c) {
    List<FieldError> errors = Rules.list();
    if (c.metadata().name().length() > MAX_CRON_JOB_NAME) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("metadata", "name"),
              c.metadata().name(),
              "must be no more than 52 characters"));
    }
    if (c.spec().schedule().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("schedule"), ""));
    }
    Rules.notNegative(
        c.spec().startingDeadlineSeconds(), SPEC.child("startingDeadlineSeconds"), errors);
    if (!Set.of("Allow", "Forbid", "Replace").contains(c.spec().concurrencyPolicy())) {
      errors.add(
          FieldError.notSupported(
              SPEC.child("concurrencyPolicy"),
              c.spec().concurrencyPolicy(),
              List.of("Allow", "Forbid", "Replace")));
    }
    Rules.notNegative(
        c.spec().successfulJobsHistoryLimit(), SPEC.child("successfulJobsHistoryLimit"), errors);
    Rules.notNegative(
        c.spec().failedJobsHistoryLimit(), SPEC.child("failedJobsHistoryLimit"), errors);
    jobSpec(c.spec().jobTemplate().spec(), SPEC.child("jobTemplate", "spec"), errors);
    return errors;
  }

  /** The selector is there, says something, and chooses the template's pods. */
  private static void selector(
      @Nullable LabelSelector selector,
      PodTemplateSpec template,
      String what,
      List<FieldError> errors) {
    int before = errors.size();
    if (selector == null) {
      if (!what.equals("daemon set")) {
        errors.add(FieldError.required(SPEC.child("selector"), ""));
      }
      mismatch(template, errors);
    } else {
      Rules.selector(selector, SPEC.child("selector"), errors);
      if (Rules.isEmpty(selector)) {
        errors.add(
            FieldError.invalid(
                SPEC.child("selector"),
                tree(selector),
                "empty selector is invalid for "
                    + (what.equals("replica set") ? "deployment" : what)));
      }
      if (errors.size() == before
          && !LabelSelectors.of(selector).matches(template.metadata().labels())) {
        mismatch(template, errors);
      }
    }
    PodSpecValidation.template(template, SPEC.child("template"), errors);
  }

  private static void mismatch(PodTemplateSpec template, List<FieldError> errors) {
    var labels = template.metadata().labels();
    errors.add(
        FieldError.invalid(
            SPEC.child("template", "metadata", "labels"),
            labels.isEmpty() ? null : labels,
            "`selector` does not match template `labels`"));
  }

  private static void alwaysRestarts(PodTemplateSpec template, List<FieldError> errors) {
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
              "activeDeadlineSeconds in ReplicaSet is not" + " Supported"));
    }
  }

  private static void rolling(
      @Nullable IntOrString unavailable,
      @Nullable IntOrString surge,
      FieldPath path,
      List<FieldError> errors) {
    percentOrCount(unavailable, path.child("maxUnavailable"), errors);
    percentOrCount(surge, path.child("maxSurge"), errors);
    if (isZero(unavailable) && isZero(surge)) {
      errors.add(
          FieldError.invalid(
              path.child("maxUnavailable"),
              String.valueOf(unavailable),
              "may not be 0 when `maxSurge` is 0"));
    }
    if (unavailable != null && percent(unavailable) > 100) {
      errors.add(
          FieldError.invalid(
              path.child("maxUnavailable"),
              unavailable.toString(),
              "must not be greater than 100%"));
    }
  }

  private static boolean isZero(@Nullable IntOrString value) {
    return value != null && (value.toString().equals("0") || value.toString().equals("0%"));
  }

  private static int percent(IntOrString value) {
    String text = value.toString();
    return text.endsWith("%") && Names.isPercent(text).isEmpty()
        ? Integer.parseInt(text.substring(0, text.length() - 1))
        : 0;
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
