package io.jurumudi.kubelet.worker;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerResizePolicy;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.MemoryEngine;
import io.jurumudi.kubelet.NodeForTests;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // A null where none is expected fails the test.
class ResizesTest {
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

  private static Container cpu(String request) {
    return container("a", "web:1").toBuilder()
        .resources(
            ResourceRequirements.builder().requests(Map.of("cpu", Quantity.parse(request))).build())
        .build();
  }

  private static Pod resized(Pod pod, Container c) {
    return pod.toBuilder()
        .metadata(m -> m.generation(pod.metadata().generation() + 1))
        .spec(s -> s.containers(List.of(c)))
        .build();
  }

  private static boolean has(Pod pod, String cpu) {
    var statuses = pod.status().containerStatuses();
    return !statuses.isEmpty()
        && statuses.getFirst().resources() != null
        && Quantity.parse(cpu).equals(statuses.getFirst().resources().requests().get("cpu"))
        && condition(pod, Resizes.IN_PROGRESS).isEmpty();
  }

  private static String condition(Pod pod, String type) {
    return pod.status().conditions().stream()
        .filter(c -> c.type().equals(type))
        .map(c -> c.reason() + ": " + c.message())
        .findFirst()
        .orElse("");
  }

  @Test
  void aRunningContainerGetsOtherResources() throws InterruptedException {
    node.apply(pod("web", cpu("100m")));
    Pod running = node.await("web", NodeForTests::ready);
    node.apply(resized(running, cpu("200m")));
    Pod after = node.await("web", p -> has(p, "200m"));
    assertThat(after.status().containerStatuses().getFirst().restartCount()).isZero();
    assertThat(after.status().allocatedResources()).containsEntry("cpu", Quantity.parse("200m"));
    assertThat(engine.calls())
        .containsSubsequence("updatePodSandboxResources web", "updateContainerResources a");
    assertThat(node.events).anyMatch(e -> e.contains("ResizeCompleted"));
  }

  @Test
  void aPolicyMayWantARestart() throws InterruptedException {
    List<ContainerResizePolicy> restart =
        List.of(
            ContainerResizePolicy.builder()
                .resourceName("cpu")
                .restartPolicy("RestartContainer")
                .build());
    node.apply(pod("web", cpu("100m").toBuilder().resizePolicy(restart).build()));
    Pod running = node.await("web", NodeForTests::ready);
    node.apply(resized(running, cpu("200m").toBuilder().resizePolicy(restart).build()));
    Pod after = node.await("web", p -> has(p, "200m") && NodeForTests.ready(p));
    assertThat(after.status().containerStatuses().getFirst().restartCount()).isEqualTo(1);
    assertThat(engine.config("a").resources().cpuShares()).isEqualTo(204);
  }

  @Test
  void whatDoesNotFitWaitsForRoom() throws InterruptedException {
    node.apply(pod("big", cpu("1500m")));
    node.apply(pod("web", cpu("100m")));
    node.await("big", NodeForTests::ready);
    Pod running = node.await("web", NodeForTests::ready);
    node.apply(resized(running, cpu("1")));
    Pod waiting = node.await("web", p -> !condition(p, Resizes.PENDING).isEmpty());
    assertThat(condition(waiting, Resizes.PENDING))
        .startsWith("Deferred: Node didn't have enough resource: cpu, requested: 1000, used: 1500");
    assertThat(has(waiting, "100m")).isTrue();

    node.requestDelete("big", 1);
    Pod after = node.await("web", p -> has(p, "1"));
    assertThat(condition(after, Resizes.PENDING)).isEmpty();
  }
}
