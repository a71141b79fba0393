package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.autoscaling.v2.HPAScalingPolicy;
import io.jurumudi.api.autoscaling.v2.HPAScalingRules;
import io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.jurumudi.api.autoscaling.v2.MetricSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Defaults of autoscalers. Facts: k8s.io/kubernetes pkg/apis/autoscaling/v2/defaults.go. */
public final class AutoscalerDefaults {
  private static final int CPU_PERCENT = 80;
  private static final int PERIOD_SECONDS = 15;
  private static final HPAScalingPolicy ALL = policy("Percent", 100);
  private static final HPAScalingRules UP =
      HPAScalingRules.builder()
          .stabilizationWindowSeconds(0)
          .selectPolicy("Max")
          .policies(List.of(policy("Pods", 4), ALL))
          .build();
  private static final HPAScalingRules DOWN =
      HPAScalingRules.builder().selectPolicy("Max").policies(List.of(ALL)).build();

  private AutoscalerDefaults() {}

  private static HPAScalingPolicy policy(String type, int value) {
    return HPAScalingPolicy.builder().type(type).value(value).periodSeconds(PERIOD_SECONDS).build();
  }

  public static io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscaler autoscalerV1(
      io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscaler h) {
    return h.spec().targetCPUUtilizationPercentage() != null
        ? h
        : h.toBuilder()
            .spec(h.spec().toBuilder().targetCPUUtilizationPercentage(CPU_PERCENT).build())
            .build();
  }

  public static HorizontalPodAutoscaler autoscaler(HorizontalPodAutoscaler h) {
    var spec = h.spec().toBuilder();
    if (h.spec().minReplicas() == null) {
      spec.minReplicas(1);
    }
    if (h.spec().metrics().isEmpty()) {
      spec.metrics(
          List.of(
              MetricSpec.builder()
                  .type("Resource")
                  .resource(
                      r ->
                          r.name("cpu")
                              .target(t -> t.type("Utilization").averageUtilization(CPU_PERCENT)))
                  .build()));
    }
    var behavior = h.spec().behavior();
    if (behavior != null) {
      spec.behavior(
          behavior.toBuilder()
              .scaleUp(rules(behavior.scaleUp(), UP))
              .scaleDown(rules(behavior.scaleDown(), DOWN))
              .build());
    }
    return h.toBuilder().spec(spec.build()).build();
  }

  private static HPAScalingRules rules(@Nullable HPAScalingRules given, HPAScalingRules usual) {
    if (given == null) {
      return usual;
    }
    var b = given.toBuilder();
    if (given.selectPolicy() == null) {
      b.selectPolicy(usual.selectPolicy());
    }
    if (given.stabilizationWindowSeconds() == null) {
      b.stabilizationWindowSeconds(usual.stabilizationWindowSeconds());
    }
    if (given.policies().isEmpty()) {
      b.policies(usual.policies());
    }
    return b.build();
  }
}
