package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.LimitRange;
import io.jurumudi.api.core.v1.LimitRangeItem;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.defaults.Lists;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies the limit ranges of a namespace to new pods: fills in what containers do not say, and
 * refuses what is outside. Facts: k8s.io/kubernetes plugin/pkg/admission/limitranger.
 */
public final class LimitRanger implements Admission {
  private static final String ANNOTATION = "kubernetes.io/limit-ranger";

  private final ServerObjects objects;

  public LimitRanger(ServerObjects objects) {
    this.objects = objects;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.PODS) || !(object instanceof Pod pod)) {
      return object;
    }
    Pod filled = pod;
    List<String> set = new ArrayList<>();
    for (LimitRange range : objects.list(Resources.LIMITRANGES, request.namespace())) {
      for (LimitRangeItem item : range.spec().limits()) {
        if (item.type().equals("Container")) {
          pod.spec().initContainers().forEach(c -> tell(c, item, "init container", set));
          pod.spec().containers().forEach(c -> tell(c, item, "container", set));
          filled = fill(filled, item);
        }
      }
    }
    if (set.isEmpty()) {
      return filled;
    }
    Map<String, String> annotations = new TreeMap<>(filled.metadata().annotations());
    annotations.put(ANNOTATION, "LimitRanger plugin set: " + String.join("; ", set));
    return filled.withMetadata(filled.metadata().toBuilder().annotations(annotations).build());
  }

  /** What will be filled in for a container, in upstream's words. */
  private static void tell(Container c, LimitRangeItem item, String what, List<String> set) {
    tell(c, item.defaultRequest(), c.resources().requests(), " request for " + what, set);
    tell(c, item.default_(), c.resources().limits(), " limit for " + what, set);
  }

  private static void tell(
      Container c,
      Map<String, Quantity> defaults,
      Map<String, Quantity> said,
      String what,
      List<String> set) {
    List<String> filled =
        defaults.keySet().stream().filter(r -> !said.containsKey(r)).sorted().toList();
    if (!filled.isEmpty()) {
      set.add(String.join(", ", filled) + what + " " + c.name());
    }
  }

  private static Pod fill(Pod pod, LimitRangeItem item) {
    return pod.toBuilder()
        .spec(
            pod.spec().toBuilder()
                .containers(Lists.map(pod.spec().containers(), c -> fill(c, item)))
                .initContainers(Lists.map(pod.spec().initContainers(), c -> fill(c, item)))
                .build())
        .build();
  }

  private static Container fill(Container c, LimitRangeItem item) {
    ResourceRequirements r = c.resources();
    Map<String, Quantity> limits = new TreeMap<>(r.limits());
    item.default_().forEach(limits::putIfAbsent);
    Map<String, Quantity> requests = new TreeMap<>(r.requests());
    item.defaultRequest().forEach(requests::putIfAbsent);
    if (limits.size() == r.limits().size() && requests.size() == r.requests().size()) {
      return c;
    }
    return c.toBuilder().resources(r.toBuilder().limits(limits).requests(requests).build()).build();
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.PODS) || !(object instanceof Pod pod)) {
      return;
    }
    List<String> wrong = new ArrayList<>();
    for (LimitRange range : objects.list(Resources.LIMITRANGES, request.namespace())) {
      for (LimitRangeItem item : range.spec().limits()) {
        switch (item.type()) {
          case "Container" -> {
            for (Container c : pod.spec().containers()) {
              check(item, c.resources().requests(), c.resources().limits(), wrong);
            }
          }
          case "Pod" -> check(item, sum(pod, true), sum(pod, false), wrong);
          default -> {}
        }
      }
    }
    if (!wrong.isEmpty()) {
      throw ApiException.forbidden(
          Resources.PODS,
          pod.metadata().name(),
          wrong.size() == 1 ? wrong.getFirst() : wrong.toString());
    }
  }

  private static Map<String, Quantity> sum(Pod pod, boolean requests) {
    Map<String, Quantity> sum = new TreeMap<>();
    for (Container c : pod.spec().containers()) {
      (requests ? c.resources().requests() : c.resources().limits())
          .forEach((name, q) -> sum.merge(name, q, Quantity::add));
    }
    return sum;
  }

  private static void check(
      LimitRangeItem item,
      Map<String, Quantity> requests,
      Map<String, Quantity> limits,
      List<String> wrong) {
    item.min()
        .forEach(
            (name, least) -> {
              Quantity request = requests.get(name);
              if (request == null || request.compareTo(least) < 0) {
                wrong.add(refusal(item, "minimum", name, least, "request", request));
              }
            });
    item.max()
        .forEach(
            (name, most) -> {
              Quantity limit = limits.get(name);
              if (limit == null || limit.compareTo(most) > 0) {
                wrong.add(refusal(item, "maximum", name, most, "limit", limit));
              }
            });
  }

  private static String refusal(
      LimitRangeItem item,
      String which,
      String name,
      Quantity bound,
      String what,
      @Nullable Quantity said) {
    return which
        + " "
        + name
        + " usage per "
        + item.type()
        + " is "
        + bound
        + (said == null ? ".  No " + what + " is specified" : ", but " + what + " is " + said);
  }
}
