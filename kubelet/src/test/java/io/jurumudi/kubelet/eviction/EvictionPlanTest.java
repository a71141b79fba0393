package io.jurumudi.kubelet.eviction;

import static io.jurumudi.kubelet.Pods.container;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.Pods;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvictionPlanTest {
  private static final Shortage MEMORY =
      new Shortage("memory", "MemoryPressure", 80L << 20, 100L << 20);

  private static EvictionPlan.Usage usage(
      String name, int priority, String request, long mebibytes) {
    Pod pod =
        Pods.pod(
            name,
            s ->
                s.priority(priority)
                    .containers(
                        List.of(
                            container("c", "web:1").toBuilder()
                                .resources(
                                    ResourceRequirements.builder()
                                        .requests(Map.of("memory", Quantity.parse(request)))
                                        .build())
                                .build())));
    return new EvictionPlan.Usage(pod, mebibytes << 20, Map.of("c", mebibytes << 20));
  }

  private static String victim(EvictionPlan.Usage... pods) {
    return EvictionPlan.victim(MEMORY, List.of(pods))
        .map(u -> u.pod().metadata().name())
        .orElse("nobody");
  }

  @Test
  void whoUsesMoreThanAskedForGoesBeforeWhoMattersLess() {
    assertThat(victim(usage("modest", -1, "100Mi", 90), usage("greedy", 5, "10Mi", 20)))
        .isEqualTo("greedy");
  }

  @Test
  void thenPriorityThenHowFarBeyond() {
    assertThat(victim(usage("low", 0, "10Mi", 20), usage("high", 9, "10Mi", 500))).isEqualTo("low");
    assertThat(victim(usage("little", 0, "10Mi", 20), usage("much", 0, "10Mi", 50)))
        .isEqualTo("much");
  }

  @Test
  void theSystemsOwnPodsStay() {
    assertThat(victim(usage("critical", 2_000_001_000, "1Mi", 500))).isEqualTo("nobody");
  }

  @Test
  void saysWhyInUpstreamsWords() {
    assertThat(EvictionPlan.message(MEMORY, usage("p", 0, "10Mi", 20)))
        .isEqualTo(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi."
                + " Container c was using 20Mi, request is 10Mi, has larger consumption of"
                + " memory. ");
  }
}
