package io.jurumudi.kubelet.pod;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.PodReadinessGate;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.PodSandboxMetadata;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.machinery.qos.QosClass;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked // A null where none is expected fails the test.
class PodStatusesTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00.5Z");
  private static final Container A = container("a", "web:1");
  private static final Container I = container("i", "exit0");

  private static PodRuntime runtime(ContainerRun... runs) {
    PodSandboxStatus sandbox =
        new PodSandboxStatus(
            "s",
            new PodSandboxMetadata("p", "uid-p", "default", 0),
            SandboxState.READY,
            T,
            List.of("10.0.0.1"),
            new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, ""),
            Map.of(),
            Map.of(),
            "");
    return new PodRuntime("x", List.of(sandbox), List.of(runs));
  }

  private static ContainerRun run(String name, int restart, ContainerState state, int code) {
    return new ContainerRun(
        name + restart,
        "s",
        name,
        state,
        T.plusSeconds(restart),
        T.plusSeconds(restart),
        state == ContainerState.EXITED ? T.plusSeconds(restart + 1) : null,
        code,
        code == 0 ? "Completed" : "Error",
        "",
        "web:1",
        "sha256:1",
        restart,
        "",
        LinuxResources.NONE,
        null,
        "");
  }

  private static PodStatus status(
      Pod pod, PodStatus old, Map<String, WaitingReason> waiting, ContainerRun... runs) {
    return PodStatuses.generate(
        new PodStatuses.Facts(
            pod,
            runtime(runs),
            old,
            false,
            waiting,
            ResourceState.of(pod),
            List.of(),
            ProbeView.NONE,
            List.of("192.0.2.1"),
            T));
  }

  private static PodStatus status(Pod pod, ContainerRun... runs) {
    return status(pod, pod.status(), Map.of(), runs);
  }

  private static PodCondition condition(PodStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private static Pod policy(String policy) {
    return pod("p", s -> s.restartPolicy(policy).containers(List.of(A)));
  }

  @Test
  void aRunningContainerMakesAReadyPod() {
    PodStatus status = status(pod("p", A), run("a", 0, ContainerState.RUNNING, 0));
    assertThat(status.phase()).isEqualTo("Running");
    assertThat(status.podIP()).isEqualTo("10.0.0.1");
    assertThat(status.hostIP()).isEqualTo("192.0.2.1");
    assertThat(status.qosClass()).isEqualTo("BestEffort");
    assertThat(status.startTime()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(status.conditions())
        .extracting(PodCondition::type)
        .containsExactly(
            "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled");
    assertThat(status.conditions()).allMatch(c -> c.status().equals("True"));
    var c = status.containerStatuses().getFirst();
    assertThat(c.containerID()).isEqualTo("x://a0");
    assertThat(c.ready()).isTrue();
    assertThat(c.started()).isTrue();
  }

  @Test
  void beforeTheFirstContainerThePodIsPending() {
    PodStatus status = status(pod("p", A));
    assertThat(status.phase()).isEqualTo("Pending");
    assertThat(status.containerStatuses().getFirst().state().waiting().reason())
        .isEqualTo("ContainerCreating");
    assertThat(condition(status, "Ready").message())
        .isEqualTo("containers with unready status: [a]");
  }

  @Test
  void phasesFollowTheRestartPolicy() {
    ContainerRun good = run("a", 0, ContainerState.EXITED, 0);
    ContainerRun bad = run("a", 0, ContainerState.EXITED, 3);
    assertThat(status(policy("Always"), good).phase()).isEqualTo("Running");
    assertThat(status(policy("Never"), good).phase()).isEqualTo("Succeeded");
    assertThat(status(policy("Never"), bad).phase()).isEqualTo("Failed");
    assertThat(status(policy("OnFailure"), good).phase()).isEqualTo("Succeeded");
    assertThat(status(policy("OnFailure"), bad).phase()).isEqualTo("Running");
    PodStatus done = status(policy("Never"), good);
    assertThat(condition(done, "Ready").reason()).isEqualTo("PodCompleted");
    assertThat(condition(done, "Initialized").reason()).isEqualTo("PodCompleted");
  }

  @Test
  void aCrashLoopShowsItsReasonAndTheLastEnd() {
    PodStatus status =
        status(
            pod("p", A),
            PodStatus.EMPTY,
            Map.of("a", new WaitingReason("CrashLoopBackOff", "back-off 10s")),
            run("a", 1, ContainerState.EXITED, 3));
    var c = status.containerStatuses().getFirst();
    assertThat(status.phase()).isEqualTo("Running");
    assertThat(c.state().waiting().reason()).isEqualTo("CrashLoopBackOff");
    assertThat(c.lastState().terminated().exitCode()).isEqualTo(3);
    assertThat(c.restartCount()).isEqualTo(1);
  }

  @Test
  void theRunBeforeIsTheLastState() {
    PodStatus status =
        status(
            pod("p", A),
            run("a", 0, ContainerState.EXITED, 3),
            run("a", 1, ContainerState.RUNNING, 0));
    var c = status.containerStatuses().getFirst();
    assertThat(c.restartCount()).isEqualTo(1);
    assertThat(c.lastState().terminated().containerID()).isEqualTo("x://a0");
  }

  @Test
  void initContainersKeepThePodPending() {
    Pod pod = pod("p", s -> s.initContainers(List.of(I)).containers(List.of(A)));
    PodStatus status = status(pod, run("i", 0, ContainerState.RUNNING, 0));
    assertThat(status.phase()).isEqualTo("Pending");
    assertThat(condition(status, "Initialized").message())
        .isEqualTo("containers with incomplete status: [i]");
    assertThat(status.containerStatuses().getFirst().state().waiting().reason())
        .isEqualTo("PodInitializing");
    PodStatus after =
        status(pod, run("i", 0, ContainerState.EXITED, 0), run("a", 0, ContainerState.RUNNING, 0));
    assertThat(after.phase()).isEqualTo("Running");
    assertThat(after.initContainerStatuses().getFirst().ready()).isTrue();
  }

  @Test
  void aReadinessGateOfOthersDecidesToo() {
    Pod pod =
        pod(
            "p",
            s ->
                s.containers(List.of(A))
                    .readinessGates(
                        List.of(PodReadinessGate.builder().conditionType("lb").build())));
    ContainerRun running = run("a", 0, ContainerState.RUNNING, 0);
    PodStatus without = status(pod, running);
    assertThat(condition(without, "Ready").reason()).isEqualTo("ReadinessGatesNotReady");
    assertThat(condition(without, "ContainersReady").status()).isEqualTo("True");
    Pod open =
        pod.toBuilder()
            .status(
                PodStatus.builder()
                    .conditions(List.of(PodCondition.builder().type("lb").status("True").build()))
                    .build())
            .build();
    PodStatus with = status(open, running);
    assertThat(condition(with, "Ready").status()).isEqualTo("True");
    assertThat(condition(with, "lb").status()).isEqualTo("True");
  }

  @Test
  void aTerminalPhaseIsNeverLeft() {
    Pod failed =
        pod("p", A).toBuilder().status(PodStatus.builder().phase("Failed").build()).build();
    assertThat(status(failed, run("a", 0, ContainerState.RUNNING, 0)).phase()).isEqualTo("Failed");
  }

  @Test
  void transitionTimesStayWhileTheValueStays() {
    Pod pod = pod("p", A);
    ContainerRun running = run("a", 0, ContainerState.RUNNING, 0);
    PodStatus first = status(pod, running);
    PodStatus later =
        PodStatuses.generate(
            new PodStatuses.Facts(
                pod,
                runtime(running),
                first,
                false,
                Map.of(),
                ResourceState.of(pod),
                List.of(),
                ProbeView.NONE,
                List.of("192.0.2.1"),
                T.plus(Duration.ofHours(1))));
    assertThat(later).isEqualTo(first);
  }

  @Test
  void aLostContainerCountsAsFailed() {
    PodStatus running = status(pod("p", A), run("a", 0, ContainerState.RUNNING, 0));
    PodStatus last = PodStatuses.terminated(running);
    assertThat(last.phase()).isEqualTo("Failed");
    assertThat(last.containerStatuses().getFirst().state().terminated().reason())
        .isEqualTo("ContainerStatusUnknown");
  }

  @Test
  void qualityOfService() {
    Map<String, Quantity> some =
        Map.of("cpu", Quantity.parse("1"), "memory", Quantity.parse("1Gi"));
    ResourceRequirements both = ResourceRequirements.builder().limits(some).requests(some).build();
    ResourceRequirements requests = ResourceRequirements.builder().requests(some).build();
    assertThat(QosClass.of(pod("p", A))).isEqualTo("BestEffort");
    assertThat(QosClass.of(pod("p", A.toBuilder().resources(both).build())))
        .isEqualTo("Guaranteed");
    assertThat(QosClass.of(pod("p", A, A.toBuilder().resources(both).build())))
        .isEqualTo("Burstable");
    Pod burstable = pod("p", A.toBuilder().resources(requests).build());
    assertThat(QosClass.of(burstable)).isEqualTo("Burstable");
    assertThat(Qos.oomScoreAdj(burstable, burstable.spec().containers().getFirst(), 4L << 30))
        .isEqualTo(750);
  }

  @Test
  void backOffDoublesAndForgets() {
    BackOff backOff =
        new BackOff(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofMinutes(10));
    assertThat(backOff.until("k", T, T)).isEmpty();
    backOff.next("k", T);
    assertThat(backOff.until("k", T, T)).contains(T.plusSeconds(10));
    assertThat(backOff.until("k", T, T.plusSeconds(10))).isEmpty();
    for (int i = 0; i < 10; i++) {
      backOff.next("k", T);
    }
    assertThat(backOff.delay("k")).isEqualTo(Duration.ofMinutes(5));
    backOff.next("k", T.plus(Duration.ofMinutes(11)));
    assertThat(backOff.delay("k")).isEqualTo(Duration.ofSeconds(10));
  }
}
