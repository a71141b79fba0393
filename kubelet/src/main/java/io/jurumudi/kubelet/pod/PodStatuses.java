package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.HostIP;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.PodIP;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.machinery.qos.QosClass;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes the status that the API shows of a pod (upstream's generateAPIPodStatus). */
public final class PodStatuses {
  private PodStatuses() {}

  /**
   * What a status is made from.
   *
   * @param pod as the API server has it
   * @param old the status that was generated before, else the pod's own
   * @param terminal no container runs or will run again
   * @param waiting by container name: why it was not started
   * @param actuated resources that running containers have; those it does not name have theirs
   * @param resizing conditions about resources
   * @param hostIPs of the node, the first is the primary one; empty while unknown
   * @param now whole seconds are kept
   */
  public record Facts(
      Pod pod,
      PodRuntime runtime,
      PodStatus old,
      boolean terminal,
      Map<String, WaitingReason> waiting,
      ResourceState actuated,
      List<PodCondition> resizing,
      ProbeView probes,
      List<String> hostIPs,
      Instant now) {}

  public static PodStatus generate(Facts facts) {
    Pod pod = facts.pod();
    PodStatus old = facts.old();
    ContainerStatuses containers = new ContainerStatuses(facts);
    PodStatus.Builder status =
        PodStatus.builder()
            .qosClass(QosClass.of(pod))
            .containerStatuses(containers.regular())
            .initContainerStatuses(containers.init())
            .ephemeralContainerStatuses(containers.ephemeral())
            .resourceClaimStatuses(old.resourceClaimStatuses())
            .nominatedNodeName(pod.status().nominatedNodeName())
            .resize(pod.status().resize())
            .resources(resources(facts))
            .allocatedResources(PodResources.requests(pod))
            .observedGeneration(Math.max(pod.metadata().generation(), old.observedGeneration()))
            .startTime(
                old.startTime() != null ? old.startTime() : PodConditions.seconds(facts.now()));
    addresses(status, facts);

    boolean regularStarted =
        containers.regular().stream()
            .anyMatch(s -> s.state().running() != null || s.lastState().terminated() != null);
    String phase =
        PodPhases.of(
            pod, containers.regular(), containers.init(), facts.terminal(), regularStarted);
    if (!terminalPhase(phase)) {
      if (terminalPhase(old.phase())) {
        phase = old.phase();
      } else if (terminalPhase(pod.status().phase())) {
        phase = pod.status().phase();
      }
    }
    if (terminalPhase(pod.status().phase())) {
      // A terminal phase that the API shows is never left.
      phase = pod.status().phase();
    }
    if (phase.equals(old.phase())) {
      status.reason(old.reason().isEmpty() ? pod.status().reason() : old.reason());
      status.message(old.message().isEmpty() ? pod.status().message() : old.message());
    }
    status.phase(phase);
    status.conditions(PodConditions.of(facts, phase, containers.regular(), containers.init()));
    return status.build();
  }

  public static boolean terminalPhase(String phase) {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /**
   * The last status of a pod whose containers are all gone: whatever was not seen to end is taken
   * as failed (upstream's TerminatePod).
   */
  public static PodStatus terminated(PodStatus status) {
    boolean initialized =
        status.conditions().stream()
                .anyMatch(c -> c.type().equals("Initialized") && c.status().equals("True"))
            || status.containerStatuses().stream()
                .anyMatch(s -> s.lastState().terminated() != null || s.state().running() != null);
    PodStatus.Builder b = status.toBuilder();
    if (initialized) {
      b.containerStatuses(
          status.containerStatuses().stream().map(ContainerStatuses::lost).toList());
    }
    if (!terminalPhase(status.phase())) {
      b.phase("Failed");
    }
    return b.build();
  }

  /** What the pod as a whole runs with. */
  private static ResourceRequirements resources(Facts facts) {
    Pod actual = facts.actuated().applyTo(facts.pod());
    return ResourceRequirements.builder()
        .requests(PodResources.requests(actual))
        .limits(PodResources.limits(actual))
        .build();
  }

  private static void addresses(PodStatus.Builder status, Facts facts) {
    List<String> ips = facts.runtime().ips();
    List<String> hostIPs = facts.hostIPs();
    if (!hostIPs.isEmpty()) {
      status.hostIP(hostIPs.getFirst());
      status.hostIPs(hostIPs.stream().map(ip -> HostIP.builder().ip(ip).build()).toList());
      if (Containers.hostNetwork(facts.pod())) {
        ips = hostIPs;
      }
    }
    if (ips.isEmpty() && !facts.pod().status().podIP().isEmpty() && facts.terminal()) {
      // The sandbox is gone, but who looks at the ended pod still wants to know its address.
      ips = facts.pod().status().podIPs().stream().map(PodIP::ip).toList();
    }
    if (!ips.isEmpty()) {
      status.podIP(ips.getFirst());
      status.podIPs(ips.stream().map(ip -> PodIP.builder().ip(ip).build()).toList());
    }
  }

  static List<Container> ephemeral(Pod pod) {
    return pod.spec().ephemeralContainers().stream().map(Containers::of).toList();
  }
}
