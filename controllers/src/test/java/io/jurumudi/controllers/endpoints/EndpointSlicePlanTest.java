package io.jurumudi.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.TestPods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** EndpointSlices and Endpoints of a Service, from the same pods. */
class EndpointSlicePlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private Service service = service(IntOrString.of(8080));

  private static Service service(IntOrString target) {
    return Service.builder()
        .metadata(m -> m.name("web").namespace("default").uid("s").labels(Map.of("team", "a")))
        .spec(
            s ->
                s.clusterIP("10.96.0.10")
                    .selector(TestPods.LABELS)
                    .ports(
                        List.of(
                            ServicePort.builder()
                                .name("http")
                                .protocol("TCP")
                                .port(80)
                                .targetPort(target)
                                .build())))
        .build();
  }

  private static Pod pod(int i, boolean ready, int port) {
    return TestPods.running(
            Pod.builder()
                .metadata(m -> m.name("p" + i).namespace("default").uid("p" + i))
                .spec(
                    s ->
                        s.nodeName("n")
                            .containers(
                                List.of(
                                    Container.builder()
                                        .ports(
                                            List.of(
                                                ContainerPort.builder()
                                                    .name("web")
                                                    .protocol("TCP")
                                                    .containerPort(port)
                                                    .build()))
                                        .build())))
                .build(),
            ready,
            NOW)
        .toBuilder()
        .status(s -> s.podIP("10.1." + i / 250 + "." + i % 250))
        .build();
  }

  private static List<Pod> pods(int count) {
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pods.add(pod(i, true, 8080));
    }
    return pods;
  }

  private EndpointSlicePlan plan(List<Pod> pods, List<EndpointSlice> present) {
    return EndpointSlicePlan.of(
        service,
        pods,
        name ->
            Optional.of(
                Node.builder()
                    .metadata(m -> m.labels(Map.of("topology.kubernetes.io/zone", "z")))
                    .build()),
        present);
  }

  private static Endpoint only(EndpointSlicePlan plan) {
    return plan.create().getFirst().endpoints().getFirst();
  }

  @Test
  void anEmptySliceSaysThatNobodyIsThere() {
    EndpointSlicePlan plan = plan(List.of(), List.of());
    assertThat(plan.create()).hasSize(1);
    assertThat(plan.create().getFirst().endpoints()).isEmpty();
    assertThat(plan(List.of(), plan.create()).update()).isEmpty();
    assertThat(plan(List.of(), plan.create()).create()).isEmpty();
  }

  @Test
  void tellsOfEachPodWhatItCanDo() {
    Endpoint ready = only(plan(List.of(pod(1, true, 8080)), List.of()));
    assertThat(ready.conditions().ready()).isTrue();
    assertThat(ready.nodeName()).isEqualTo("n");
    assertThat(ready.zone()).isEqualTo("z");
    Endpoint ending = only(plan(List.of(TestPods.deleted(pod(1, true, 8080), NOW)), List.of()));
    assertThat(ending.conditions().ready()).isFalse();
    assertThat(ending.conditions().serving()).isTrue();
    assertThat(ending.conditions().terminating()).isTrue();
    assertThat(plan(List.of(TestPods.phase(pod(1, true, 8080), "Failed")), List.of()).create())
        .allMatch(slice -> slice.endpoints().isEmpty());
  }

  @Test
  void aSliceHoldsAHundredAndAChangeOfOnePodIsOneWrite() {
    List<Pod> pods = pods(250);
    EndpointSlicePlan first = plan(pods, List.of());
    assertThat(first.create()).extracting(s -> s.endpoints().size()).containsExactly(100, 100, 50);
    pods.set(120, pod(120, false, 8080));
    EndpointSlicePlan second = plan(pods, first.create());
    assertThat(second.create()).isEmpty();
    assertThat(second.delete()).isEmpty();
    assertThat(second.update()).hasSize(1);
    assertThat(plan(pods(1), first.create()).delete()).hasSize(2);
  }

  @Test
  void podsWithTheirPortElsewhereGetASliceOfTheirOwn() {
    service = service(IntOrString.of("web"));
    EndpointSlicePlan plan = plan(List.of(pod(1, true, 8080), pod(2, true, 9090)), List.of());
    assertThat(plan.create())
        .extracting(s -> s.ports().getFirst().port())
        .containsExactlyInAnyOrder(8080, 9090);
  }

  @Test
  void endpointsTellReadyFromNotReadyAndLeaveOutWhatEnds() {
    Endpoints endpoints =
        EndpointsPlan.of(
            service,
            List.of(
                pod(1, true, 8080), pod(2, false, 8080), TestPods.deleted(pod(3, true, 8080), NOW)),
            Endpoints.EMPTY);
    assertThat(endpoints.subsets()).hasSize(1);
    assertThat(endpoints.subsets().getFirst().addresses())
        .extracting(a -> a.ip())
        .containsExactly("10.1.0.1");
    assertThat(endpoints.subsets().getFirst().notReadyAddresses())
        .extracting(a -> a.ip())
        .containsExactly("10.1.0.2");
    assertThat(endpoints.metadata().labels()).containsEntry("team", "a");
    assertThat(EndpointsPlan.of(service, pods(1001), Endpoints.EMPTY).metadata().annotations())
        .containsEntry(EndpointsPlan.OVER_CAPACITY, "truncated");
  }
}
