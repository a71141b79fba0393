package io.jurumudi.kubelet.worker;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.ConfigMapVolumeSource;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ExecAction;
import io.jurumudi.api.core.v1.Lifecycle;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeMount;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.MemoryEngine;
import io.jurumudi.kubelet.NodeForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // A null where none is expected fails the test.
class PodWorkersTest {
  private final MemoryEngine engine = new MemoryEngine(Clock.systemUTC());
  @TempDir Path directory;
  private NodeForTests node;

  @BeforeEach
  void start() throws IOException {
    node = new NodeForTests(directory, engine);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static Probe exec(String word, int period) {
    return Probe.builder()
        .exec(ExecAction.builder().command(List.of(word)).build())
        .periodSeconds(period)
        .timeoutSeconds(1)
        .successThreshold(1)
        .failureThreshold(1)
        .build();
  }

  private static LifecycleHandler hook(String word) {
    return LifecycleHandler.builder()
        .exec(ExecAction.builder().command(List.of(word)).build())
        .build();
  }

  @Test
  void runsAPodAndTakesItAway() throws InterruptedException {
    node.apply(pod("web", container("a", "web:1")));
    Pod running = node.await("web", NodeForTests::ready);
    assertThat(running.status().phase()).isEqualTo("Running");
    assertThat(running.status().podIP()).startsWith("127.0.0.");
    assertThat(node.events)
        .containsExactly(
            "a Pulled Container image \"web:1\" already present on machine and can be accessed by"
                + " the pod",
            "a Created Container created",
            "a Started Container started");

    node.requestDelete("web", 7);
    node.awaitGone("web");
    assertThat(node.phases).last().isEqualTo("web Failed");
    assertThat(engine.calls())
        .containsSubsequence("stopContainer a PT7S", "stopPodSandbox web", "removePodSandbox web");
    assertThat(directories("web")).doesNotExist();
    assertThat(engine.listPodSandboxes()).isEmpty();
  }

  private Path directories(String name) {
    return node.directories.pod("uid-" + name);
  }

  @Test
  void restartsWithBackOff() throws InterruptedException {
    node.apply(pod("web", container("a", "exit3")));
    Pod crashing = node.await("web", p -> NodeForTests.waitingReason(p).equals("CrashLoopBackOff"));
    var status = crashing.status().containerStatuses().getFirst();
    assertThat(status.state().waiting().message())
        .endsWith(" restarting failed container=a pod=web_default(uid-web)");
    assertThat(status.lastState().terminated().exitCode()).isEqualTo(3);
    assertThat(status.restartCount()).isEqualTo(1);
    assertThat(crashing.status().phase()).isEqualTo("Running");
    node.await("web", p -> p.status().containerStatuses().getFirst().restartCount() >= 3);
    assertThat(node.events).anyMatch(e -> e.startsWith("a BackOff Back-off restarting failed"));
    // The run before the newest one is kept, for its log, and no more.
    assertThat(engine.listContainers("").size()).isLessThanOrEqualTo(3);
  }

  @Test
  void aJobsPodSucceeds() throws InterruptedException {
    node.apply(
        pod("job", s -> s.restartPolicy("Never").containers(List.of(container("a", "exit0")))));
    Pod done = node.await("job", p -> p.status().phase().equals("Succeeded"));
    assertThat(done.status().containerStatuses().getFirst().state().terminated().reason())
        .isEqualTo("Completed");
    assertThat(engine.calls().stream().filter(c -> c.startsWith("startContainer"))).hasSize(1);
    node.requestDelete("job", 30);
    node.awaitGone("job");
    assertThat(node.phases).last().isEqualTo("job Succeeded");
  }

  @Test
  void saysWhyAnImageIsNotThere() throws InterruptedException {
    node.apply(pod("web", container("a", "absent:1")));
    Pod failed = node.await("web", p -> NodeForTests.waitingReason(p).equals("ErrImagePull"));
    assertThat(failed.status().containerStatuses().getFirst().state().waiting().message())
        .isEqualTo("docker.io/library/absent:1: not found");
    Container never = container("a", "absent:2").toBuilder().imagePullPolicy("Never").build();
    node.apply(pod("never", never));
    node.await("never", p -> NodeForTests.waitingReason(p).equals("ErrImageNeverPull"));
    node.apply(pod("bad", container("a", "Not An Image")));
    node.await("bad", p -> NodeForTests.waitingReason(p).equals("InvalidImageName"));
    node.apply(pod("remote", container("a", "remote:1")));
    node.await("remote", NodeForTests::ready);
    assertThat(node.events).contains("a Pulling Pulling image \"remote:1\"");
  }

  @Test
  void initContainersAndSidecarsKeepTheirOrder() throws InterruptedException {
    Container sidecar = container("s", "web:1").toBuilder().restartPolicy("Always").build();
    node.apply(
        pod(
            "web",
            p ->
                p.initContainers(List.of(container("i", "exit0"), sidecar))
                    .containers(List.of(container("a", "web:1")))));
    node.await("web", NodeForTests::ready);
    assertThat(engine.calls())
        .containsSubsequence("startContainer i", "startContainer s", "startContainer a");
    node.requestDelete("web", 5);
    node.awaitGone("web");
    assertThat(engine.calls().stream().filter(c -> c.startsWith("stopContainer ")))
        .extracting(c -> c.split(" ", -1)[1])
        .containsExactly("a", "s");
  }

  @Test
  void probesDecideReadinessAndRestarts() throws InterruptedException {
    AtomicInteger readyCode = new AtomicInteger(1);
    AtomicInteger aliveCode = new AtomicInteger(0);
    engine.onExec(c -> c.getFirst().equals("ready") ? readyCode.get() : aliveCode.get());
    Container c =
        container("a", "web:1").toBuilder()
            .readinessProbe(exec("ready", 1))
            .livenessProbe(exec("alive", 1))
            .build();
    node.apply(pod("web", c));
    Pod started =
        node.await("web", p -> p.status().phase().equals("Running") && !NodeForTests.ready(p));
    assertThat(started.status().containerStatuses().getFirst().started()).isTrue();
    readyCode.set(0);
    node.await("web", NodeForTests::ready);
    readyCode.set(1);
    node.await("web", p -> !NodeForTests.ready(p));
    assertThat(node.events).contains("a Unhealthy Readiness probe failed: ");
    readyCode.set(0);
    aliveCode.set(1);
    node.await("web", p -> p.status().containerStatuses().getFirst().restartCount() == 1);
    assertThat(node.events)
        .contains("a Killing Container a failed liveness probe, will be restarted");
  }

  @Test
  void hooksRunAroundAContainersLife() throws InterruptedException {
    Container c =
        container("a", "web:1").toBuilder()
            .lifecycle(Lifecycle.builder().postStart(hook("hello")).preStop(hook("bye")).build())
            .build();
    node.apply(pod("web", c));
    node.await("web", NodeForTests::ready);
    node.requestDelete("web", 30);
    node.awaitGone("web");
    assertThat(engine.calls())
        .containsSubsequence("startContainer a", "execSync hello", "execSync bye");
  }

  @Test
  void aNewKubeletTakesRunningContainersOver() throws Exception {
    Container probed = container("a", "web:1").toBuilder().readinessProbe(exec("ok", 60)).build();
    node.apply(pod("web", probed));
    Pod running = node.await("web", NodeForTests::ready);
    node.close();
    int calls = engine.calls().size();

    engine.onExec(command -> 1);
    node = new NodeForTests(directory, engine);
    node.apply(running);
    // Only a new version of its status proves that the worker has looked.
    engine.onExec(command -> 0);
    engine.exit("a", 1);
    Pod restarted =
        node.await("web", p -> p.status().containerStatuses().getFirst().restartCount() == 1);
    assertThat(restarted.status().podIP()).isEqualTo(running.status().podIP());
    assertThat(engine.calls().subList(calls, engine.calls().size()))
        .filteredOn(c -> !c.startsWith("execSync"))
        .containsExactly("createContainer a", "startContainer a");
  }

  @Test
  void whatTheApiForgotIsRemoved() throws Exception {
    node.apply(pod("web", container("a", "web:1")));
    node.await("web", NodeForTests::ready);
    node.close();
    node = new NodeForTests(directory, engine);
    node.workers.removeOrphan("uid-web", engine.listPodSandboxes().getFirst());
    node.awaitGone("web");
    assertThat(engine.listPodSandboxes()).isEmpty();
    assertThat(engine.calls()).containsSubsequence("stopPodSandbox web", "removePodSandbox web");
  }

  @Test
  void volumesWaitForTheirObjectsAndFollowThem() throws Exception {
    Container c =
        container("a", "web:1").toBuilder()
            .volumeMounts(List.of(VolumeMount.builder().name("cfg").mountPath("/cfg").build()))
            .build();
    node.apply(
        pod(
            "web",
            s ->
                s.containers(List.of(c))
                    .volumes(
                        List.of(
                            Volume.builder()
                                .name("cfg")
                                .configMap(ConfigMapVolumeSource.builder().name("cfg").build())
                                .build()))));
    node.await("web", p -> p.status().phase().equals("Pending"));
    awaitEvent(
        "FailedMount MountVolume.SetUp failed for volume \"cfg\" : configmap \"cfg\" not found");
    node.configMaps.put("cfg", ConfigMap.builder().data(Map.of("k", "1")).build());
    node.workers.wakeAll(List.of("uid-web"));
    node.await("web", NodeForTests::ready);
    Path file = Path.of(engine.config("a").mounts().getFirst().hostPath()).resolve("k");
    assertThat(file).hasContent("1");
    node.configMaps.put("cfg", ConfigMap.builder().data(Map.of("k", "2")).build());
    node.workers.wakeAll(List.of("uid-web"));
    for (int i = 0; i < 1000 && !Files.readString(file).equals("2"); i++) {
      Thread.sleep(5);
    }
    assertThat(file).hasContent("2");
  }

  private void awaitEvent(String event) throws InterruptedException {
    for (int i = 0; i < 1000 && !node.events.contains(event); i++) {
      Thread.sleep(5);
    }
    assertThat(node.events).contains(event);
  }

  @Test
  void aPodThatDoesNotFitIsRefused() throws InterruptedException {
    Container big =
        container("a", "web:1").toBuilder()
            .resources(
                ResourceRequirements.builder()
                    .requests(Map.of("cpu", Quantity.parse("1500m")))
                    .build())
            .build();
    node.apply(pod("one", big));
    node.await("one", NodeForTests::ready);
    node.apply(pod("two", big));
    Pod refused = node.await("two", p -> p.status().phase().equals("Failed"));
    assertThat(refused.status().reason()).isEqualTo("OutOfcpu");
    assertThat(refused.status().message())
        .isEqualTo(
            "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 1500,"
                + " capacity: 2000");
    assertThat(refused.status().containerStatuses()).isEmpty();
  }

  @Test
  void theDeadlineEndsAPod() throws InterruptedException {
    node.apply(
        pod("web", s -> s.activeDeadlineSeconds(1L).containers(List.of(container("a", "web:1")))));
    Pod over = node.await("web", p -> p.status().phase().equals("Failed"));
    assertThat(over.status().reason()).isEqualTo("DeadlineExceeded");
    assertThat(over.status().containerStatuses().getFirst().state().terminated().exitCode())
        .isEqualTo(143);
  }

  @Test
  void aKilledSandboxIsMadeAnew() throws InterruptedException {
    node.apply(pod("web", container("a", "web:1")));
    Pod first = node.await("web", NodeForTests::ready);
    engine.stopPodSandbox(engine.listPodSandboxes().getFirst().id());
    Pod second =
        node.await(
            "web",
            p -> NodeForTests.ready(p) && !p.status().podIP().equals(first.status().podIP()));
    assertThat(second.status().podIPs()).hasSize(1);
    assertThat(second.status().containerStatuses().getFirst().restartCount()).isEqualTo(1);
    assertThat(node.events)
        .contains("SandboxChanged Pod sandbox changed, it will be killed and re-created.");
  }
}
