package io.jurumudi.controllers;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pods and templates for tests, and what happens to them. */
public final class TestPods {
  public static final Map<String, String> LABELS = Map.of("app", "web");

  private TestPods() {}

  public static PodTemplateSpec template(String image) {
    return PodTemplateSpec.builder()
        .metadata(m -> m.labels(LABELS))
        .spec(s -> s.containers(List.of(Container.builder().name("c").image(image).build())))
        .build();
  }

  /** As a kubelet leaves a pod whose containers run. */
  public static Pod running(Pod pod, boolean ready, Instant since) {
    return condition(
        pod.toBuilder().status(s -> s.phase("Running").podIP("10.1.0.1")).build(),
        "Ready",
        ready ? "True" : "False",
        since);
  }

  public static Pod phase(Pod pod, String phase) {
    return pod.toBuilder().status(s -> s.phase(phase)).build();
  }

  public static Pod condition(Pod pod, String type, String status, Instant since) {
    List<PodCondition> conditions = new ArrayList<>(pod.status().conditions());
    conditions.removeIf(c -> c.type().equals(type));
    conditions.add(
        PodCondition.builder().type(type).status(status).lastTransitionTime(since).build());
    return pod.toBuilder().status(s -> s.conditions(conditions)).build();
  }

  public static Pod deleted(Pod pod, Instant at) {
    return pod.toBuilder().metadata(m -> m.deletionTimestamp(at)).build();
  }

  /** As the API server leaves a pod that was created: with a name and a uid. */
  public static Pod created(Pod pod, String name, Instant at) {
    return pod.toBuilder()
        .metadata(
            m ->
                m.name(pod.metadata().name().isEmpty() ? name : pod.metadata().name())
                    .uid(name)
                    .creationTimestamp(at))
        .status(s -> s.phase("Pending"))
        .build();
  }
}
