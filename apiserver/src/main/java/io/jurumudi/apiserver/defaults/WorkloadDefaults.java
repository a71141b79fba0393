package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.RollingUpdateDaemonSet;
import io.jurumudi.api.apps.v1.RollingUpdateDeployment;
import io.jurumudi.api.apps.v1.RollingUpdateStatefulSetStrategy;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobSpec;
import io.jurumudi.api.batch.v1.PodFailurePolicy;
import io.jurumudi.api.util.IntOrString;

/**
 * Defaults of what makes pods: the groups apps and batch. Facts: k8s.io/kubernetes
 * pkg/apis/apps/v1/defaults.go and pkg/apis/batch/v1/defaults.go.
 */
public final class WorkloadDefaults {
  private static final int HISTORY = 10;
  private static final int PROGRESS_SECONDS = 600;

  private WorkloadDefaults() {}

  public static Deployment deployment(Deployment d) {
    var s = d.spec();
    var b = s.toBuilder().template(PodDefaults.template(s.template()));
    if (s.replicas() == null) {
      b.replicas(1);
    }
    var strategy = s.strategy();
    String type = strategy.type().isEmpty() ? "RollingUpdate" : strategy.type();
    var sb = strategy.toBuilder().type(type);
    if (type.equals("RollingUpdate")) {
      RollingUpdateDeployment rolling =
          strategy.rollingUpdate() == null
              ? RollingUpdateDeployment.EMPTY
              : strategy.rollingUpdate();
      var rb = rolling.toBuilder();
      if (rolling.maxUnavailable() == null) {
        rb.maxUnavailable(IntOrString.of("25%"));
      }
      if (rolling.maxSurge() == null) {
        rb.maxSurge(IntOrString.of("25%"));
      }
      sb.rollingUpdate(rb.build());
    }
    b.strategy(sb.build());
    if (s.revisionHistoryLimit() == null) {
      b.revisionHistoryLimit(HISTORY);
    }
    if (s.progressDeadlineSeconds() == null) {
      b.progressDeadlineSeconds(PROGRESS_SECONDS);
    }
    return d.toBuilder().spec(b.build()).build();
  }

  public static ReplicaSet replicaSet(ReplicaSet r) {
    var b = r.spec().toBuilder().template(PodDefaults.template(r.spec().template()));
    if (r.spec().replicas() == null) {
      b.replicas(1);
    }
    return r.toBuilder().spec(b.build()).build();
  }

  public static DaemonSet daemonSet(DaemonSet d) {
    var s = d.spec();
    var b = s.toBuilder().template(PodDefaults.template(s.template()));
    var strategy = s.updateStrategy();
    String type = strategy.type().isEmpty() ? "RollingUpdate" : strategy.type();
    var sb = strategy.toBuilder().type(type);
    if (type.equals("RollingUpdate")) {
      RollingUpdateDaemonSet rolling =
          strategy.rollingUpdate() == null
              ? RollingUpdateDaemonSet.EMPTY
              : strategy.rollingUpdate();
      var rb = rolling.toBuilder();
      if (rolling.maxUnavailable() == null) {
        rb.maxUnavailable(IntOrString.of(1));
      }
      if (rolling.maxSurge() == null) {
        rb.maxSurge(IntOrString.of(0));
      }
      sb.rollingUpdate(rb.build());
    }
    b.updateStrategy(sb.build());
    if (s.revisionHistoryLimit() == null) {
      b.revisionHistoryLimit(HISTORY);
    }
    return d.toBuilder().spec(b.build()).build();
  }

  public static StatefulSet statefulSet(StatefulSet set) {
    var s = set.spec();
    var b = s.toBuilder().template(PodDefaults.template(s.template()));
    b.volumeClaimTemplates(Lists.map(s.volumeClaimTemplates(), CoreDefaults::claim));
    if (s.podManagementPolicy().isEmpty()) {
      b.podManagementPolicy("OrderedReady");
    }
    var strategy = s.updateStrategy();
    var sb = strategy.toBuilder();
    RollingUpdateStatefulSetStrategy rolling = strategy.rollingUpdate();
    if (strategy.type().isEmpty()) {
      sb.type("RollingUpdate");
      rolling = rolling == null ? RollingUpdateStatefulSetStrategy.EMPTY : rolling;
    }
    if (rolling != null && (strategy.type().isEmpty() || strategy.type().equals("RollingUpdate"))) {
      var rb = rolling.toBuilder();
      if (rolling.partition() == null) {
        rb.partition(0);
      }
      sb.rollingUpdate(rb.build());
    }
    b.updateStrategy(sb.build());
    var retention = s.persistentVolumeClaimRetentionPolicy();
    var keep =
        (retention == null ? StatefulSetPersistentVolumeClaimRetentionPolicy.EMPTY : retention)
            .toBuilder();
    if (retention == null || retention.whenDeleted().isEmpty()) {
      keep.whenDeleted("Retain");
    }
    if (retention == null || retention.whenScaled().isEmpty()) {
      keep.whenScaled("Retain");
    }
    b.persistentVolumeClaimRetentionPolicy(keep.build());
    if (s.replicas() == null) {
      b.replicas(1);
    }
    if (s.revisionHistoryLimit() == null) {
      b.revisionHistoryLimit(HISTORY);
    }
    return set.toBuilder().spec(b.build()).build();
  }

  public static Job job(Job j) {
    var b = j.toBuilder().spec(jobSpec(j.spec()));
    var labels = j.spec().template().metadata().labels();
    if (!labels.isEmpty() && j.metadata().labels().isEmpty()) {
      b.metadata(j.metadata().toBuilder().labels(labels).build());
    }
    return b.build();
  }

  private static JobSpec jobSpec(JobSpec s) {
    var b = s.toBuilder().template(PodDefaults.template(s.template()));
    if (s.completions() == null && s.parallelism() == null) {
      b.completions(1);
    }
    if (s.parallelism() == null) {
      b.parallelism(1);
    }
    if (s.backoffLimit() == null) {
      b.backoffLimit(s.backoffLimitPerIndex() != null ? Integer.MAX_VALUE : 6);
    }
    if (s.completionMode() == null) {
      b.completionMode("NonIndexed");
    }
    if (s.suspend() == null) {
      b.suspend(false);
    }
    PodFailurePolicy failure = s.podFailurePolicy();
    if (s.podReplacementPolicy() == null) {
      b.podReplacementPolicy(failure != null ? "Failed" : "TerminatingOrFailed");
    }
    if (failure != null) {
      b.podFailurePolicy(failure(failure));
    }
    if (s.manualSelector() == null) {
      b.manualSelector(false);
    }
    return b.build();
  }

  private static PodFailurePolicy failure(PodFailurePolicy p) {
    return p.toBuilder()
        .rules(
            Lists.map(
                p.rules(),
                r ->
                    r.toBuilder()
                        .onPodConditions(
                            Lists.map(
                                r.onPodConditions(),
                                c ->
                                    c.status() == null || c.status().isEmpty()
                                        ? c.toBuilder().status("True").build()
                                        : c))
                        .build()))
        .build();
  }

  public static CronJob cronJob(CronJob c) {
    var s = c.spec();
    var template = s.jobTemplate();
    var spec = template.spec();
    // Upstream's defaults for a job do not reach into a cron job's template, only those of its
    // pods.
    var b =
        s.toBuilder()
            .jobTemplate(
                template.toBuilder()
                    .spec(
                        spec.toBuilder()
                            .template(PodDefaults.template(spec.template()))
                            .podFailurePolicy(
                                spec.podFailurePolicy() == null
                                    ? null
                                    : failure(spec.podFailurePolicy()))
                            .build())
                    .build());
    if (s.concurrencyPolicy().isEmpty()) {
      b.concurrencyPolicy("Allow");
    }
    if (s.suspend() == null) {
      b.suspend(false);
    }
    if (s.successfulJobsHistoryLimit() == null) {
      b.successfulJobsHistoryLimit(3);
    }
    if (s.failedJobsHistoryLimit() == null) {
      b.failedJobsHistoryLimit(1);
    }
    return c.toBuilder().spec(b.build()).build();
  }
}
