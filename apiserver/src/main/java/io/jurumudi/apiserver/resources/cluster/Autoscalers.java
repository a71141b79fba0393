package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscalerSpec;
import io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscalerStatus;
import io.jurumudi.api.autoscaling.v2.CrossVersionObjectReference;
import io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.jurumudi.api.autoscaling.v2.MetricSpec;
import io.jurumudi.api.autoscaling.v2.MetricStatus;
import io.jurumudi.api.autoscaling.v2.MetricTarget;
import io.jurumudi.api.autoscaling.v2.MetricValueStatus;
import io.jurumudi.api.autoscaling.v2.ResourceMetricSource;
import io.jurumudi.apiserver.table.Cells;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Horizontal pod autoscalers between their versions; v1 knows the use of CPU and nothing else. */
final class Autoscalers {
  private static final int SHOWN = 2;

  private Autoscalers() {}

  static HorizontalPodAutoscaler fromV1(io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscaler h) {
    List<MetricSpec> metrics = new ArrayList<>();
    Integer percent = h.spec().targetCPUUtilizationPercentage();
    if (percent != null) {
      metrics.add(cpu(percent));
    }
    var target = h.spec().scaleTargetRef();
    return HorizontalPodAutoscaler.builder()
        .metadata(h.metadata())
        .spec(
            io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscalerSpec.builder()
                .scaleTargetRef(
                    CrossVersionObjectReference.builder()
                        .apiVersion(target.apiVersion())
                        .kind(target.kind())
                        .name(target.name())
                        .build())
                .minReplicas(h.spec().minReplicas() == null ? 1 : h.spec().minReplicas())
                .maxReplicas(h.spec().maxReplicas())
                .metrics(metrics)
                .build())
        .status(
            io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscalerStatus.builder()
                .observedGeneration(h.status().observedGeneration())
                .lastScaleTime(h.status().lastScaleTime())
                .currentReplicas(h.status().currentReplicas())
                .desiredReplicas(h.status().desiredReplicas())
                .build())
        .build();
  }

  private static MetricSpec cpu(int percent) {
    return MetricSpec.builder()
        .type("Resource")
        .resource(
            ResourceMetricSource.builder()
                .name("cpu")
                .target(
                    MetricTarget.builder().type("Utilization").averageUtilization(percent).build())
                .build())
        .build();
  }

  static io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscaler toV1(HorizontalPodAutoscaler h) {
    var target = h.spec().scaleTargetRef();
    HorizontalPodAutoscalerSpec.Builder spec =
        HorizontalPodAutoscalerSpec.builder()
            .scaleTargetRef(
                io.jurumudi.api.autoscaling.v1.CrossVersionObjectReference.builder()
                    .apiVersion(target.apiVersion())
                    .kind(target.kind())
                    .name(target.name())
                    .build())
            .minReplicas(h.spec().minReplicas())
            .maxReplicas(h.spec().maxReplicas());
    for (MetricSpec metric : h.spec().metrics()) {
      ResourceMetricSource resource = metric.resource();
      if (resource != null && resource.name().equals("cpu")) {
        spec.targetCPUUtilizationPercentage(resource.target().averageUtilization());
      }
    }
    HorizontalPodAutoscalerStatus.Builder status =
        HorizontalPodAutoscalerStatus.builder()
            .observedGeneration(h.status().observedGeneration())
            .lastScaleTime(h.status().lastScaleTime())
            .currentReplicas(h.status().currentReplicas())
            .desiredReplicas(h.status().desiredReplicas());
    for (MetricStatus metric : h.status().currentMetrics()) {
      var resource = metric.resource();
      if (resource != null && resource.name().equals("cpu")) {
        status.currentCPUUtilizationPercentage(resource.current().averageUtilization());
      }
    }
    return io.jurumudi.api.autoscaling.v1.HorizontalPodAutoscaler.builder()
        .metadata(h.metadata())
        .spec(spec.build())
        .status(status.build())
        .build();
  }

  /** Each metric's present value and its target. */
  static String metrics(HorizontalPodAutoscaler h) {
    List<MetricSpec> specs = h.spec().metrics();
    if (specs.isEmpty()) {
      return Cells.NONE;
    }
    List<MetricStatus> statuses = h.status().currentMetrics();
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < Math.min(SHOWN, specs.size()); i++) {
      shown.add(metric(specs.get(i), i < statuses.size() ? statuses.get(i) : null));
    }
    String text = String.join(", ", shown);
    return specs.size() > SHOWN ? text + " + " + (specs.size() - SHOWN) + " more..." : text;
  }

  private static String metric(MetricSpec spec, @Nullable MetricStatus status) {
    if (spec.resource() != null) {
      var now = status == null || status.resource() == null ? null : status.resource().current();
      return spec.resource().name() + ": " + pair(spec.resource().target(), now);
    }
    if (spec.containerResource() != null) {
      var now =
          status == null || status.containerResource() == null
              ? null
              : status.containerResource().current();
      return spec.containerResource().name() + ": " + pair(spec.containerResource().target(), now);
    }
    if (spec.pods() != null) {
      var now = status == null || status.pods() == null ? null : status.pods().current();
      return pair(spec.pods().target(), now);
    }
    if (spec.object() != null) {
      var now = status == null || status.object() == null ? null : status.object().current();
      return marked(spec.object().target(), now);
    }
    if (spec.external() != null) {
      var now = status == null || status.external() == null ? null : status.external().current();
      return marked(spec.external().target(), now);
    }
    return "<unknown type>";
  }

  private static String marked(MetricTarget target, @Nullable MetricValueStatus now) {
    return pair(target, now) + (target.averageValue() != null ? " (avg)" : "");
  }

  private static String pair(MetricTarget target, @Nullable MetricValueStatus now) {
    if (target.averageValue() != null) {
      return or(now == null ? null : now.averageValue()) + "/" + target.averageValue();
    }
    if (target.value() != null) {
      return or(now == null ? null : now.value()) + "/" + target.value();
    }
    Integer current = now == null ? null : now.averageUtilization();
    return (current == null ? Cells.UNKNOWN : current + "%")
        + "/"
        + (target.averageUtilization() == null ? "<auto>" : target.averageUtilization() + "%");
  }

  private static String or(@Nullable Object value) {
    return value == null ? Cells.UNKNOWN : value.toString();
  }
}
