package io.jurumudi.controllers.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.controllers.TestPods;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuotaUsageTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static ResourceQuota quota(List<String> scopes, String... names) {
    Map<String, Quantity> hard = new TreeMap<>();
    Arrays.stream(names).forEach(name -> hard.put(name, Quantity.of(10)));
    return ResourceQuota.builder().spec(s -> s.hard(hard).scopes(scopes)).build();
  }

  private static Container container(String cpu, boolean sidecar) {
    return Container.builder()
        .resources(r -> cpu.isEmpty() ? r : r.requests(Map.of("cpu", Quantity.parse(cpu))))
        .restartPolicy(sidecar ? "Always" : null)
        .build();
  }

  private static Pod pod(String cpu) {
    return Pod.builder().spec(s -> s.containers(List.of(container(cpu, false)))).build();
  }

  private static Map<String, String> used(ResourceQuota quota, Pod... pods) {
    QuotaController.Usage usage = new QuotaController.Usage(quota, NOW);
    for (Pod pod : pods) {
      usage.add(Resources.PODS, pod);
    }
    Map<String, String> used = new TreeMap<>();
    usage.status().used().forEach((name, amount) -> used.put(name, amount.toString()));
    return used;
  }

  @Test
  void countsWhatPodsAskForUntilTheyEnd() {
    assertThat(
            used(
                quota(List.of(), "pods", "count/pods", "cpu", "requests.cpu", "limits.cpu"),
                pod("500m"),
                pod("1"),
                TestPods.phase(pod("4"), "Succeeded"),
                TestPods.deleted(pod("4"), NOW.minusSeconds(1))))
        .containsOnly(
            Map.entry("pods", "2"),
            Map.entry("count/pods", "4"),
            Map.entry("cpu", "1500m"),
            Map.entry("requests.cpu", "1500m"),
            Map.entry("limits.cpu", "0"));
  }

  @Test
  void reckonsWithInitContainersAsTheSchedulerDoes() {
    Pod pod =
        pod("1").toBuilder()
            .spec(
                s ->
                    s.initContainers(
                            List.of(
                                container("3", false),
                                container("500m", true),
                                container("3", false)))
                        .overhead(Map.of("cpu", Quantity.parse("100m"))))
            .build();
    assertThat(used(quota(List.of(), "cpu"), pod)).containsEntry("cpu", "3600m");
  }

  @Test
  void scopesNarrowWhatIsCounted() {
    Pod limited = pod("").toBuilder().spec(s -> s.activeDeadlineSeconds(5L)).build();
    Pod important = pod("1").toBuilder().spec(s -> s.priorityClassName("high")).build();
    assertThat(used(quota(List.of("BestEffort"), "pods"), pod("1"), pod(""), limited))
        .containsEntry("pods", "2");
    assertThat(used(quota(List.of("Terminating"), "pods"), pod("1"), limited))
        .containsEntry("pods", "1");
    assertThat(used(quota(List.of("NotTerminating", "NotBestEffort"), "pods"), limited, pod("1")))
        .containsEntry("pods", "1");
    assertThat(used(quota(List.of("PriorityClass"), "pods"), pod("1"), important))
        .containsEntry("pods", "1");
  }

  @Test
  void countsOtherKindsByTheirNames() {
    QuotaController.Usage usage =
        new QuotaController.Usage(
            quota(
                List.of(),
                "configmaps",
                "count/configmaps",
                "services.nodeports",
                "requests.storage",
                "fast.storageclass.storage.k8s.io/requests.storage"),
            NOW);
    assertThat(usage.interestedIn(Resources.CONFIGMAPS)).isTrue();
    assertThat(usage.interestedIn(Resources.SECRETS)).isFalse();
    usage.add(Resources.CONFIGMAPS, ConfigMap.EMPTY);
    usage.add(
        Resources.SERVICES,
        Service.builder()
            .spec(s -> s.type("NodePort").ports(List.of(ServicePort.EMPTY, ServicePort.EMPTY)))
            .build());
    usage.add(
        Resources.PERSISTENTVOLUMECLAIMS,
        PersistentVolumeClaim.builder()
            .spec(
                s ->
                    s.storageClassName("fast")
                        .resources(r -> r.requests(Map.of("storage", Quantity.parse("2Gi")))))
            .build());
    Map<String, Quantity> used = usage.status().used();
    assertThat(used.get("configmaps")).hasToString("1");
    assertThat(used.get("count/configmaps")).hasToString("1");
    assertThat(used.get("services.nodeports")).hasToString("2");
    assertThat(used.get("requests.storage")).hasToString("2Gi");
    assertThat(used.get("fast.storageclass.storage.k8s.io/requests.storage")).hasToString("2Gi");
  }
}
