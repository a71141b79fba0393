package io.jurumudi.kubelet.pod;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.PodSandboxMetadata;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.SandboxState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodPlannerTest {
  private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");
  private static final Container A = container("a", "web:1");
  private static final Container B = container("b", "web:1");

  private static PodActions plan(Pod pod, PodRuntime runtime, ProbeView probes) {
    return PodPlanner.plan(pod, runtime, probes, ResourceState.of(pod));
  }

  private static PodSandboxStatus sandbox(SandboxState state, int attempt) {
    return new PodSandboxStatus(
        "sandbox" + attempt,
        new PodSandboxMetadata("p", "uid-p", "default", attempt),
        state,
        T,
        List.of("10.0.0.1"),
        new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, ""),
        Map.of(),
        Map.of(),
        "");
  }

  private static ContainerRun run(Container c, ContainerState state, int code) {
    return new ContainerRun(
        "id-" + c.name(),
        "sandbox0",
        c.name(),
        state,
        T,
        T,
        state == ContainerState.EXITED ? T : null,
        code,
        "",
        "",
        c.image(),
        "",
        0,
        Containers.hash(c),
        LinuxResources.NONE,
        null,
        "");
  }

  private static ContainerRun running(Container c) {
    return run(c, ContainerState.RUNNING, 0);
  }

  private static ContainerRun exited(Container c, int code) {
    return run(c, ContainerState.EXITED, code);
  }

  private static PodActions plan(Pod pod, ContainerRun... runs) {
    return plan(pod, ready(runs), ProbeView.NONE);
  }

  private static PodRuntime ready(ContainerRun... runs) {
    return new PodRuntime("x", List.of(sandbox(SandboxState.READY, 0)), List.of(runs));
  }

  private static Pod policy(String policy, Container... containers) {
    return pod("p", s -> s.restartPolicy(policy).containers(List.of(containers)));
  }

  private static Container sidecar(String name) {
    return container(name, "web:1").toBuilder().restartPolicy("Always").build();
  }

  @Test
  void aNewPodGetsASandboxAndAllItsContainers() {
    PodActions plan = plan(pod("p", A, B), PodRuntime.nothing("x"), ProbeView.NONE);
    assertThat(plan.createSandbox()).isTrue();
    assertThat(plan.attempt()).isZero();
    assertThat(plan.toStart()).containsExactly(0, 1);
  }

  @Test
  void nothingIsDoneWhileAllRun() {
    assertThat(plan(pod("p", A, B), running(A), running(B)).nothing()).isTrue();
  }

  @Test
  void onlyWhatIsMissingOrMayRestartIsStarted() {
    assertThat(plan(pod("p", A, B), running(A)).toStart()).containsExactly(1);
    assertThat(plan(pod("p", A, B), running(A), exited(B, 0)).toStart()).containsExactly(1);
    assertThat(plan(policy("OnFailure", A, B), running(A), exited(B, 0)).nothing()).isTrue();
    assertThat(plan(policy("OnFailure", A, B), running(A), exited(B, 1)).toStart())
        .containsExactly(1);
    assertThat(plan(policy("Never", A, B), running(A), exited(B, 1)).nothing()).isTrue();
  }

  @Test
  void aPodWhoseContainersAreAllOverIsKilled() {
    assertThat(plan(policy("Never", A), exited(A, 1)).killPod()).isTrue();
  }

  @Test
  void aDeadSandboxIsReplacedAndEverythingStartsAnew() {
    PodRuntime dead =
        new PodRuntime("x", List.of(sandbox(SandboxState.NOT_READY, 0)), List.of(exited(A, 137)));
    PodActions plan = plan(pod("p", A), dead, ProbeView.NONE);
    assertThat(plan.killPod()).isTrue();
    assertThat(plan.createSandbox()).isTrue();
    assertThat(plan.attempt()).isEqualTo(1);
    assertThat(plan.toStart()).containsExactly(0);
    assertThat(plan(policy("Never", A), dead, ProbeView.NONE).createSandbox()).isFalse();
  }

  @Test
  void anotherImageReplacesTheContainerWhateverThePolicy() {
    Container newer = A.toBuilder().image("web:2").build();
    PodActions plan = plan(policy("Never", newer, B), running(A), running(B));
    assertThat(plan.kills())
        .extracting(PodActions.Kill::message)
        .containsExactly("Container a definition changed, will be restarted");
    assertThat(plan.toStart()).containsExactly(0);
  }

  @Test
  void aFailedLivenessProbeKills() {
    ProbeView failing =
        new ProbeView() {
          @Override
          public Optional<ProbeResult> startup(String id) {
            return Optional.empty();
          }

          @Override
          public Optional<ProbeResult> liveness(String id) {
            return id.equals("id-a") ? Optional.of(ProbeResult.FAILURE) : Optional.empty();
          }

          @Override
          public Optional<ProbeResult> readiness(String id) {
            return Optional.empty();
          }
        };
    PodActions plan = plan(pod("p", A, B), ready(running(A), running(B)), failing);
    assertThat(plan.kills())
        .extracting(PodActions.Kill::message)
        .containsExactly("Container a failed liveness probe, will be restarted");
    assertThat(plan.toStart()).containsExactly(0);
    PodActions never = plan(policy("Never", A, B), ready(running(A), running(B)), failing);
    assertThat(never.kills()).hasSize(1);
    assertThat(never.toStart()).isEmpty();
  }

  @Test
  void initContainersRunOneAfterTheOther() {
    Container i = container("i", "exit0");
    Container j = container("j", "exit0");
    Pod pod = pod("p", s -> s.initContainers(List.of(i, j)).containers(List.of(A)));
    assertThat(plan(pod, PodRuntime.nothing("x"), ProbeView.NONE).initToStart()).containsExactly(0);
    assertThat(plan(pod).initToStart()).containsExactly(0);
    assertThat(plan(pod, running(i)).nothing()).isTrue();
    assertThat(plan(pod, exited(i, 0)).initToStart()).containsExactly(1);
    assertThat(plan(pod, exited(i, 1)).initToStart()).containsExactly(0);
    PodActions last = plan(pod, exited(i, 0), exited(j, 0));
    assertThat(last.initToStart()).isEmpty();
    assertThat(last.toStart()).containsExactly(0);
    // Removed init containers of an initialized pod do not run again.
    assertThat(plan(pod, running(A)).nothing()).isTrue();
  }

  @Test
  void aFailedInitContainerEndsAPodThatNeverRestarts() {
    Container i = container("i", "exit1");
    Pod pod =
        pod("p", s -> s.restartPolicy("Never").initContainers(List.of(i)).containers(List.of(A)));
    assertThat(plan(pod, exited(i, 1)).killPod()).isTrue();
  }

  @Test
  void sidecarsStartInTurnAndAreKeptRunning() {
    Container s1 = sidecar("s1");
    Container s2 = sidecar("s2");
    Pod pod = pod("p", s -> s.initContainers(List.of(s1, s2)).containers(List.of(A)));
    assertThat(plan(pod, running(s1)).initToStart()).containsExactly(1);
    PodActions both = plan(pod, running(s1), running(s2));
    assertThat(both.initToStart()).isEmpty();
    assertThat(both.toStart()).containsExactly(0);
    assertThat(plan(pod, exited(s1, 0), running(s2), running(A)).initToStart()).containsExactly(0);
    // When the others are done for good, a sidecar does not keep the pod alive.
    Pod once =
        pod("p", s -> s.restartPolicy("Never").initContainers(List.of(s1)).containers(List.of(A)));
    PodActions over = plan(once, running(s1), exited(A, 0));
    assertThat(over.killPod()).isTrue();
    assertThat(over.initToStart()).isEmpty();
  }

  @Test
  void aSidecarWithAStartupProbeHoldsTheOthersBack() {
    Container s =
        sidecar("s").toBuilder().startupProbe(Probe.builder().periodSeconds(1).build()).build();
    Pod pod = pod("p", b -> b.initContainers(List.of(s)).containers(List.of(A)));
    assertThat(plan(pod, running(s)).toStart()).isEmpty();
  }

  @Test
  void theHashIsOfNameAndImageOnly() {
    List<String> hashes = new ArrayList<>();
    hashes.add(Containers.hash(A));
    hashes.add(Containers.hash(A.toBuilder().workingDir("/x").build()));
    assertThat(hashes.get(0)).isEqualTo(hashes.get(1)).isNotEqualTo(Containers.hash(B));
  }
}
