package io.jurumudi.controllers.job;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.controllers.pods.PodControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How the pods of a job are made. */
final class JobPods {
  static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
  static final String IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count";
  private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

  /** What a generated name may have before its random end. */
  private static final int MAX_BASE = 58;

  private JobPods() {}

  static Pod of(Job job) {
    Pod pod = PodControl.podOf(job.spec().template(), Resources.JOBS, job);
    if (Jobs.tracked(pod)) {
      return pod;
    }
    List<String> finalizers = new ArrayList<>(pod.metadata().finalizers());
    finalizers.add(Jobs.FINALIZER);
    return pod.toBuilder().metadata(m -> m.finalizers(finalizers)).build();
  }

  /**
   * A pod for one index.
   *
   * @param failed the last pod that failed at it, where failures are counted for each index
   */
  static Pod of(Job job, int index, Optional<Pod> failed) {
    Pod pod = of(job);
    String text = Integer.toString(index);
    Map<String, String> annotations = new TreeMap<>(pod.metadata().annotations());
    annotations.put(Jobs.INDEX, text);
    if (job.spec().backoffLimitPerIndex() != null) {
      boolean counts =
          failed
              .map(p -> FailurePolicy.of(job.spec().podFailurePolicy(), p).counts())
              .orElse(false);
      int failures = failed.map(p -> Jobs.number(p, FAILURES, 0)).orElse(0);
      int ignored = failed.map(p -> Jobs.number(p, IGNORED_FAILURES, 0)).orElse(0);
      annotations.put(FAILURES, Integer.toString(failures + (counts ? 1 : 0)));
      int ignoredNow = ignored + (failed.isPresent() && !counts ? 1 : 0);
      if (ignoredNow > 0) {
        annotations.put(IGNORED_FAILURES, Integer.toString(ignoredNow));
      }
    }
    Map<String, String> labels = new TreeMap<>(pod.metadata().labels());
    labels.put(Jobs.INDEX, text);
    String name = job.metadata().name();
    String suffix = "-" + text + "-";
    String base = name.substring(0, Math.min(name.length(), MAX_BASE - suffix.length()));
    return pod.toBuilder()
        .metadata(m -> m.annotations(annotations).labels(labels).generateName(base + suffix))
        .spec(
            s ->
                s.hostname(name + "-" + text)
                    .containers(pod.spec().containers().stream().map(JobPods::told).toList())
                    .initContainers(
                        pod.spec().initContainers().stream().map(JobPods::told).toList()))
        .build();
  }

  /** The container with its index in its environment. */
  private static Container told(Container container) {
    if (container.env().stream().anyMatch(e -> e.name().equals(INDEX_VARIABLE))) {
      return container;
    }
    List<EnvVar> env = new ArrayList<>(container.env());
    env.add(
        EnvVar.builder()
            .name(INDEX_VARIABLE)
            .valueFrom(v -> v.fieldRef(f -> f.fieldPath("metadata.labels['" + Jobs.INDEX + "']")))
            .build());
    return container.toBuilder().env(env).build();
  }
}
