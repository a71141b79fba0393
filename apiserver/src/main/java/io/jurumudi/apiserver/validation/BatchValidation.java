package io.jurumudi.apiserver.validation;

import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobSpec;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rules for jobs and cron jobs. Facts: k8s.io/kubernetes pkg/apis/batch/validation. */
public final class BatchValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");

  /** Of an indexed job: pods at once, failed indexes. */
  private static final int MAX_INDEXES = 100_000;

  /** A cron job's name leaves room for what its jobs' names add. */
  private static final int MAX_CRON_JOB_NAME = 52;

  private static final int MAX_MANAGER = 63;

  private BatchValidation() {}

  public static List<FieldError> job(Job j) {
    List<FieldError> errors = Rules.list();
    generatedSelector(j, errors);
    hostnames(j, errors);
    ownSpec(j, errors);
    return errors;
  }

  private static void ownSpec(Job j, List<FieldError> errors) {
    jobSpec(j.spec(), SPEC, errors);
    LabelSelector selector = j.spec().selector();
    if (selector == null) {
      errors.add(FieldError.required(SPEC.child("selector"), ""));
      errors.add(mismatch(j));
    } else {
      int before = errors.size();
      Rules.selector(selector, SPEC.child("selector"), errors);
      if (errors.size() == before
          && !LabelSelectors.of(selector).matches(j.spec().template().metadata().labels())) {
        errors.add(mismatch(j));
      }
    }
  }

  private static void jobSpec(JobSpec s, FieldPath path, List<FieldError> errors) {
    Rules.notNegative(s.parallelism(), path.child("parallelism"), errors);
    Rules.notNegative(s.completions(), path.child("completions"), errors);
    Rules.notNegative(s.activeDeadlineSeconds(), path.child("activeDeadlineSeconds"), errors);
    Rules.notNegative(s.backoffLimit(), path.child("backoffLimit"), errors);
    Rules.notNegative(s.ttlSecondsAfterFinished(), path.child("ttlSecondsAfterFinished"), errors);
    Rules.notNegative(s.backoffLimitPerIndex(), path.child("backoffLimitPerIndex"), errors);
    Rules.notNegative(s.maxFailedIndexes(), path.child("maxFailedIndexes"), errors);
    if (s.maxFailedIndexes() != null && s.backoffLimitPerIndex() == null) {
      errors.add(
          FieldError.required(
              path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
    }
    String manager = s.managedBy();
    if (manager != null) {
      FieldPath at = path.child("managedBy");
      Rules.prefixedPath(manager, at, errors);
      if (manager.length() > MAX_MANAGER) {
        errors.add(FieldError.tooLong(at, MAX_MANAGER));
      }
    }
    String mode = s.completionMode();
    if (mode != null) {
      Rules.among(mode, Set.of("Indexed", "NonIndexed"), path.child("completionMode"), errors);
    }
    if ("Indexed".equals(mode)) {
      indexed(s, path, errors);
    }
    if (mode == null || mode.equals("NonIndexed")) {
      if (s.backoffLimitPerIndex() != null) {
        errors.add(needsIndexes(path.child("backoffLimitPerIndex"), s.backoffLimitPerIndex()));
      }
      if (s.maxFailedIndexes() != null) {
        errors.add(needsIndexes(path.child("maxFailedIndexes"), s.maxFailedIndexes()));
      }
    }
    if (s.podFailurePolicy() != null) {
      JobPolicyValidation.failure(s, path.child("podFailurePolicy"), errors);
    }
    if (s.successPolicy() != null) {
      FieldPath at = path.child("successPolicy");
      if ("Indexed".equals(mode)) {
        JobPolicyValidation.success(s, at, errors);
      } else {
        errors.add(needsIndexes(at, Trees.fromMessage(s.successPolicy())));
      }
    }
    if (s.podReplacementPolicy() != null) {
      Set<String> policies =
          s.podFailurePolicy() != null ? Set.of("Failed") : Set.of("Failed", "TerminatingOrFailed");
      Rules.among(s.podReplacementPolicy(), policies, path.child("podReplacementPolicy"), errors);
    }
    PodSpecValidation.template(s.template(), path.child("template"), errors);
    String restart = s.template().spec().restartPolicy();
    FieldPath at = path.child("template", "spec", "restartPolicy");
    if (restart.equals("Always") || restart.isEmpty()) {
      errors.add(FieldError.required(at, "valid values: \"OnFailure\", \"Never\""));
    } else if (!restart.equals("OnFailure") && !restart.equals("Never")) {
      errors.add(FieldError.notSupported(at, restart, List.of("OnFailure", "Never")));
    } else if (s.podFailurePolicy() != null && !restart.equals("Never")) {
      errors.add(
          FieldError.invalid(
              at, restart, "only \"Never\" is supported when podFailurePolicy is specified"));
    }
  }

  private static FieldError needsIndexes(FieldPath path, @Nullable Object value) {
    return FieldError.invalid(path, value, "requires indexed completion mode");
  }

  private static void indexed(JobSpec s, FieldPath path, List<FieldError> errors) {
    Integer completions = s.completions();
    Integer failed = s.maxFailedIndexes();
    if (completions == null) {
      errors.add(FieldError.required(path.child("completions"), "when completion mode is Indexed"));
    }
    if (s.parallelism() != null && s.parallelism() > MAX_INDEXES) {
      errors.add(
          FieldError.invalid(
              path.child("parallelism"),
              (long) s.parallelism(),
              "must be less than or equal to " + MAX_INDEXES + " when completion mode is Indexed"));
    }
    if (failed == null) {
      return;
    }
    if (completions != null && failed > completions) {
      errors.add(
          FieldError.invalid(
              path.child("maxFailedIndexes"),
              (long) failed,
              "must be less than or equal to completions"));
    }
    if (failed > MAX_INDEXES) {
      errors.add(
          FieldError.invalid(
              path.child("maxFailedIndexes"),
              (long) failed,
              "must be less than or equal to " + MAX_INDEXES));
    }
  }

  /** A job that does not choose its pods itself carries the labels that the server made. */
  private static void generatedSelector(Job j, List<FieldError> errors) {
    LabelSelector selector = j.spec().selector();
    if (Boolean.TRUE.equals(j.spec().manualSelector()) || selector == null) {
      return;
    }
    Map<String, String> expected = new TreeMap<>();
    for (String prefix : List.of("", "batch.kubernetes.io/")) {
      expected.put(prefix + "controller-uid", j.metadata().uid());
      expected.put(prefix + "job-name", j.metadata().name());
    }
    Map<String, String> labels = j.spec().template().metadata().labels();
    FieldPath path = SPEC.child("template", "metadata", "labels");
    for (var e : expected.entrySet()) {
      String value = labels.get(e.getKey());
      if (value == null) {
        errors.add(FieldError.required(path.key(e.getKey()), "must be '" + e.getValue() + "'"));
      } else if (!value.equals(e.getValue())) {
        errors.add(
            FieldError.invalid(path.key(e.getKey()), labels, "must be '" + e.getValue() + "'"));
      }
    }
    List<FieldError> wrong = Rules.list();
    Rules.selector(selector, SPEC.child("selector"), wrong);
    if (wrong.isEmpty() && !LabelSelectors.of(selector).matches(expected)) {
      errors.add(
          FieldError.invalid(
              SPEC.child("selector"), tree(selector), "`selector` not auto-generated"));
    }
  }

  private static void hostnames(Job j, List<FieldError> errors) {
    Integer completions = j.spec().completions();
    if (!"Indexed".equals(j.spec().completionMode()) || completions == null || completions <= 0) {
      return;
    }
    String last = j.metadata().name() + "-" + (completions - 1);
    if (!Names.isDns1123Label(last).isEmpty()) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("metadata", "name"),
              j.metadata().name(),
              "will not able to create pod with invalid DNS label: " + last));
    }
  }

  private static FieldError mismatch(Job j) {
    return FieldError.invalid(
        SPEC.child("template", "metadata", "labels"),
        j.spec().template().metadata().labels(),
        "`selector` does not match template `labels`");
  }

  public static List<FieldError> jobUpdate(Job j, Job old) {
    List<FieldError> errors = job(j);
    ownSpec(j, errors); // Upstream checks the whole job, and the specification with the change.
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
    MetadataValidation.immutable(
        j.spec().podFailurePolicy(),
        old.spec().podFailurePolicy(),
        SPEC.child("podFailurePolicy"),
        errors);
    MetadataValidation.immutable(
        j.spec().backoffLimitPerIndex(),
        old.spec().backoffLimitPerIndex(),
        SPEC.child("backoffLimitPerIndex"),
        errors);
    MetadataValidation.immutable(
        j.spec().managedBy(), old.spec().managedBy(), SPEC.child("managedBy"), errors);
    MetadataValidation.immutable(
        j.spec().successPolicy(), old.spec().successPolicy(), SPEC.child("successPolicy"), errors);
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
    schedule(c, errors);
    Rules.notNegative(
        c.spec().startingDeadlineSeconds(), SPEC.child("startingDeadlineSeconds"), errors);
    Rules.oneOf(
        c.spec().concurrencyPolicy(),
        Set.of("Allow", "Forbid", "Replace"),
        SPEC.child("concurrencyPolicy"),
        errors);
    Rules.notNegative(
        c.spec().successfulJobsHistoryLimit(), SPEC.child("successfulJobsHistoryLimit"), errors);
    Rules.notNegative(
        c.spec().failedJobsHistoryLimit(), SPEC.child("failedJobsHistoryLimit"), errors);
    jobSpec(c.spec().jobTemplate().spec(), SPEC.child("jobTemplate", "spec"), errors);
    return errors;
  }

  private static void schedule(CronJob c, List<FieldError> errors) {
    String schedule = c.spec().schedule();
    FieldPath path = SPEC.child("schedule");
    if (schedule.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else {
      String wrong = CronSchedule.wrong(schedule);
      if (wrong != null) {
        errors.add(FieldError.invalid(path, schedule, wrong));
      }
      if (schedule.contains("TZ")) {
        errors.add(
            FieldError.invalid(
                path,
                schedule,
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
      }
    }
    String zone = c.spec().timeZone();
    if (zone == null) {
      return;
    }
    FieldPath at = SPEC.child("timeZone");
    if (zone.isEmpty()) {
      errors.add(FieldError.invalid(at, zone, "timeZone must be nil or non-empty string"));
    } else if (zone.equalsIgnoreCase("Local")) {
      errors.add(
          FieldError.invalid(
              at,
              zone,
              "timeZone must be an explicit time zone as defined in"
                  + " https://www.iana.org/time-zones"));
    } else if (!ZoneId.getAvailableZoneIds().contains(zone)) {
      errors.add(FieldError.invalid(at, zone, "unknown time zone " + zone));
    }
  }

  private static @Nullable Object tree(@Nullable LabelSelector selector) {
    return selector == null ? null : Trees.fromMessage(selector);
  }
}
