package io.jurumudi.scheduler;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Resource;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.scheduler.framework.PodInfo;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a preemption: tells the victim why, and deletes it. */
final class PodEvictor {
  private static final Logger log = LoggerFactory.getLogger(PodEvictor.class);

  private final Resource<Pod> pods;
  private final PodStatusWriter status;
  private final EventRecorder recorder;
  private final String schedulerName;

  PodEvictor(Client client, PodStatusWriter status, EventRecorder recorder, String schedulerName) {
    this.pods = client.resource(Resources.PODS);
    this.status = status;
    this.recorder = recorder;
    this.schedulerName = schedulerName;
  }

  void evict(Pod victim, PodInfo preemptor, String node) {
    try {
      status.write(
          victim,
          PodCondition.builder()
              .type("DisruptionTarget")
              .status("True")
              .reason("PreemptionByScheduler")
              .message(schedulerName + ": preempting to accommodate a higher priority pod")
              .build(),
          Optional.empty());
      pods.delete(victim);
      recorder.event(
          victim,
          "Normal",
          "Preempted",
          "Preempted by pod " + preemptor.uid() + " on node " + node);
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        log.warn(
            "victim not evicted pod={}/{} cause=\"{}\"",
            victim.metadata().namespace(),
            victim.metadata().name(),
            e.getMessage());
      }
    }
  }

  void clearNomination(Pod pod) {
    try {
      status.clearNomination(pod);
    } catch (ApiException e) {
      log.warn(
          "nomination not taken back pod={}/{} cause=\"{}\"",
          pod.metadata().namespace(),
          pod.metadata().name(),
          e.getMessage());
    }
  }
}
