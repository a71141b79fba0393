package io.jurumudi.apiserver.resources.batch;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.defaults.WorkloadDefaults;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.resources.PodTemplates;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.BatchValidation;
import io.jurumudi.apiserver.validation.PodWarnings;
import io.jurumudi.machinery.errors.FieldPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Jobs and cron jobs. Facts: k8s.io/kubernetes pkg/registry/batch. */
public final class BatchKinds {
  private BatchKinds() {}

  public static List<Resource<?>> resources() {
    return List.of(cronJobs(), jobs());
  }

  private static Resource<Job> jobs() {
    return Resource.of(Resources.JOBS)
        .defaults(WorkloadDefaults::job)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .countsGenerations()
                    .orphansDependents()
                    .warningOfDeletion(
                        "child pods are preserved by default when jobs are deleted; set"
                            + " propagationPolicy=Background to remove them or set"
                            + " propagationPolicy=Orphan to suppress this warning")
                    .onCreate(BatchKinds::withSelector)
                    .warningsOfChanges(
                        j ->
                            PodWarnings.template(
                                j.spec().template(), FieldPath.of("spec", "template")))
                    .validate(BatchValidation::job)
                    .validateUpdate(BatchValidation::jobUpdate)
                    .selectableFields(
                        j -> Map.of("status.successful", Integer.toString(j.status().succeeded()))))
        .columns(
            Columns.of(
                BatchKinds::cells,
                Column.named(),
                Column.of("Status"),
                Column.of("Completions"),
                Column.of("Duration"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images"),
                Column.wide("Selector")))
        .build();
  }

  /** A job that chooses no pods itself owns those that carry its uid. */
  private static Job withSelector(Job job) {
    if (Boolean.TRUE.equals(job.spec().manualSelector())) {
      return job;
    }
    String uid = job.metadata().uid();
    PodTemplateSpec template = job.spec().template();
    Map<String, String> labels = new TreeMap<>(template.metadata().labels());
    for (String prefix : List.of("", "batch.kubernetes.io/")) {
      labels.put(prefix + "job-name", job.metadata().name());
      labels.put(prefix + "controller-uid", uid);
    }
    LabelSelector given = job.spec().selector();
    Map<String, String> matched = new TreeMap<>(given == null ? Map.of() : given.matchLabels());
    matched.putIfAbsent("batch.kubernetes.io/controller-uid", uid);
    LabelSelector selector =
        (given == null ? LabelSelector.EMPTY : given).toBuilder().matchLabels(matched).build();
    ObjectMeta meta = job.metadata();
    // A job without labels has its template's, and so those that are made here too.
    boolean copied = meta.labels().equals(template.metadata().labels());
    return job.toBuilder()
        .metadata(
            copied || meta.labels().isEmpty() ? meta.toBuilder().labels(labels).build() : meta)
        .spec(
            job.spec().toBuilder()
                .selector(selector)
                .template(
                    template.toBuilder()
                        .metadata(template.metadata().toBuilder().labels(labels).build())
                        .build())
                .build())
        .build();
  }

  private static List<Object> cells(Job j, Instant now) {
    Integer completions = j.spec().completions();
    Integer parallelism = j.spec().parallelism();
    String done =
        completions != null
            ? j.status().succeeded() + "/" + completions
            : parallelism != null && parallelism > 1
                ? j.status().succeeded() + "/1 of " + parallelism
                : j.status().succeeded() + "/1";
    Instant start = j.status().startTime();
    Instant end = j.status().completionTime();
    String duration =
        start == null ? "" : Cells.duration(Duration.between(start, end == null ? now : end));
    return List.of(
        j.metadata().name(),
        status(j),
        done,
        duration,
        Cells.age(j, now),
        PodTemplates.names(j.spec().template()),
        PodTemplates.images(j.spec().template()),
        PodTemplates.selector(j.spec().selector()));
  }

  private static String status(Job j) {
    if (has(j, "Complete")) {
      return "Complete";
    }
    if (has(j, "Failed")) {
      return "Failed";
    }
    if (j.metadata().deletionTimestamp() != null) {
      return "Terminating";
    }
    for (String condition : List.of("Suspended", "FailureTarget", "SuccessCriteriaMet")) {
      if (has(j, condition)) {
        return condition;
      }
    }
    return "Running";
  }

  private static boolean has(Job j, String condition) {
    return j.status().conditions().stream()
        .anyMatch(c -> c.type().equals(condition) && c.status().equals("True"));
  }

  private static Resource<CronJob> cronJobs() {
    return Resource.of(Resources.CRONJOBS)
        .defaults(WorkloadDefaults::cronJob)
        .strategy(
            s ->
                s.countsGenerations()
                    .warningsOfChanges(
                        c ->
                            PodWarnings.template(
                                c.spec().jobTemplate().spec().template(),
                                FieldPath.of("spec", "jobTemplate", "spec", "template")))
                    .validateAlways(BatchValidation::cronJob))
        .columns(
            Columns.of(
                (c, now) -> {
                  var template = c.spec().jobTemplate().spec();
                  Instant last = c.status().lastScheduleTime();
                  return List.of(
                      c.metadata().name(),
                      c.spec().schedule(),
                      Cells.orNone(c.spec().timeZone()),
                      Boolean.TRUE.equals(c.spec().suspend()) ? "True" : "False",
                      (long) c.status().active().size(),
                      last == null ? Cells.NONE : Cells.since(last, now),
                      Cells.age(c, now),
                      PodTemplates.names(template.template()),
                      PodTemplates.images(template.template()),
                      PodTemplates.selector(template.selector()));
                },
                Column.named(),
                Column.of("Schedule"),
                Column.of("Timezone"),
                Column.flag("Suspend"),
                Column.number("Active"),
                Column.of("Last Schedule"),
                Column.age(),
                Column.wide("Containers"),
                Column.wide("Images"),
                Column.wide("Selector")))
        .build();
  }
}
