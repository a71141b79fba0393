package io.jurumudi.scheduler;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.client.Client;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Resource;
import io.jurumudi.machinery.codec.Trees;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes what the scheduler has to say into pods' status. */
final class PodStatusWriter {
  private final Resource<Pod> pods;
  private final InstantSource clock;

  PodStatusWriter(Client client, InstantSource clock) {
    this.pods = client.resource(Resources.PODS);
    this.clock = clock;
  }

  /**
   * Sets a condition and, if given, the nominated node (empty clears it). Asks nothing of the
   * server when the pod says so already.
   */
  void write(Pod pod, PodCondition condition, Optional<String> nominatedNode) {
    Optional<Map<String, @Nullable Object>> status = patch(pod, condition, nominatedNode);
    if (status.isPresent()) {
      pods.patch(
          pod.metadata().namespace(),
          pod.metadata().name(),
          PatchType.STRATEGIC,
          Trees.writeJson(Map.of("status", status.get())),
          "status");
    }
  }

  /** Takes back a nomination. */
  void clearNomination(Pod pod) {
    pods.patch(
        pod.metadata().namespace(),
        pod.metadata().name(),
        PatchType.STRATEGIC,
        Trees.writeJson(Map.of("status", nomination(""))),
        "status");
  }

  private Optional<Map<String, @Nullable Object>> patch(
      Pod pod, PodCondition wanted, Optional<String> nominatedNode) {
    Map<String, @Nullable Object> status = new LinkedHashMap<>();
    PodCondition present =
        pod.status().conditions().stream()
            .filter(condition -> condition.type().equals(wanted.type()))
            .findFirst()
            .orElse(PodCondition.EMPTY);
    boolean same =
        present.status().equals(wanted.status())
            && present.reason().equals(wanted.reason())
            && present.message().equals(wanted.message());
    if (!same) {
      Instant since = present.lastTransitionTime();
      Instant transition =
          present.status().equals(wanted.status()) && since != null ? since : clock.instant();
      Map<String, @Nullable Object> condition = new LinkedHashMap<>();
      condition.put("type", wanted.type());
      condition.put("status", wanted.status());
      condition.put("reason", wanted.reason());
      condition.put("message", wanted.message());
      condition.put("lastProbeTime", null);
      condition.put("lastTransitionTime", transition.truncatedTo(ChronoUnit.SECONDS).toString());
      long generation = pod.metadata().generation();
      if (generation != 0) {
        condition.put("observedGeneration", generation);
      }
      status.put("conditions", List.of(condition));
    }
    if (nominatedNode.isPresent()
        && !nominatedNode.get().equals(pod.status().nominatedNodeName())) {
      status.putAll(nomination(nominatedNode.get()));
    }
    return status.isEmpty() ? Optional.empty() : Optional.of(status);
  }

  private static Map<String, @Nullable Object> nomination(String node) {
    Map<String, @Nullable Object> status = new LinkedHashMap<>();
    status.put("nominatedNodeName", node.isEmpty() ? null : node);
    return status;
  }
}
