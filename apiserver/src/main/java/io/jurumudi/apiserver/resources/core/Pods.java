package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.defaults.PodDefaults;
import io.jurumudi.apiserver.registry.KindStrategy;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.registry.UpdateStrategy;
import io.jurumudi.apiserver.validation.PodValidation;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.qos.QosClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Pods. Facts: k8s.io/kubernetes pkg/registry/core/pod/strategy.go. */
public final class Pods {
  private Pods() {}

  public static Resource<Pod> resource() {
    return Resource.of(Resources.PODS)
        .defaults(PodDefaults::pod)
        .columns(PodColumns.COLUMNS)
        .strategy(Pods::strategy)
        .update("ephemeralcontainers", EPHEMERAL)
        .update("resize", RESIZE)
        .update(PodSubresources.BINDING, BOUND)
        .build();
  }

  private static KindStrategy.Builder<Pod> strategy(KindStrategy.Builder<Pod> b) {
    return b.countsGenerations()
        .checksOfUpdatedMetadata(MetadataChecks.WHOLE)
        .resets(
            "status",
            FieldSet.ofFields("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"))
        .onCreate(Pods::created)
        .onStatusUpdate(Pods::statusUpdated)
        .validate(PodValidation::create)
        .validateUpdate(PodValidation::update)
        .warningsOfCreation(PodValidation::warnings)
        .gracePeriod(Pods::gracePeriod)
        .answersWithDeletedObject()
        .selectableFields(Pods::fields);
  }

  private static Pod created(Pod pod) {
    PodStatus.Builder status =
        PodStatus.builder().phase("Pending").qosClass(QosClass.of(pod.spec()));
    if (!pod.spec().schedulingGates().isEmpty()) {
      status.conditions(
          List.of(
              PodCondition.builder()
                  .type("PodScheduled")
                  .status("False")
                  .reason("SchedulingGated")
                  .message("Scheduling is blocked due to non-empty scheduling gates")
                  .build()));
    }
    return pod.toBuilder().status(status.build()).build();
  }

  private static Pod statusUpdated(Pod pod, Pod old) {
    PodStatus.Builder status = pod.status().toBuilder();
    if (pod.status().qosClass().isEmpty()) {
      status.qosClass(old.status().qosClass());
    }
    if (pod.status().observedGeneration() == 0) {
      status.observedGeneration(old.status().observedGeneration());
    }
    return pod.toBuilder().status(status.build()).build();
  }

  private static final UpdateStrategy<Pod> EPHEMERAL =
      new UpdateStrategy<>() {
        @Override
        public Pod prepareUpdate(Pod updated, Pod old) {
          Pod pod =
              old.toBuilder()
                  .metadata(owned(updated, old))
                  .spec(
                      old.spec().toBuilder()
                          .ephemeralContainers(updated.spec().ephemeralContainers())
                          .build())
                  .build();
          return nextGeneration(pod, old);
        }

        @Override
        public List<FieldError> validateUpdate(Pod updated, Pod old) {
          return PodValidation.ephemeralUpdate(updated, old);
        }
      };

  /** A binding sets what no client can set otherwise; it was made by this server. */
  private static final UpdateStrategy<Pod> BOUND =
      new UpdateStrategy<>() {
        @Override
        public Pod prepareUpdate(Pod updated, Pod old) {
          return updated;
        }

        @Override
        public List<FieldError> validateUpdate(Pod updated, Pod old) {
          return List.of();
        }
      };

  private static final UpdateStrategy<Pod> RESIZE =
      new UpdateStrategy<>() {
        @Override
        public Pod prepareUpdate(Pod updated, Pod old) {
          List<Container> containers = new ArrayList<>();
          for (int i = 0; i < old.spec().containers().size(); i++) {
            Container c = old.spec().containers().get(i);
            if (i < updated.spec().containers().size()
                && updated.spec().containers().get(i).name().equals(c.name())) {
              Container wanted = updated.spec().containers().get(i);
              c =
                  c.toBuilder()
                      .resources(wanted.resources())
                      .resizePolicy(wanted.resizePolicy())
                      .build();
            }
            containers.add(c);
          }
          Pod pod =
              old.toBuilder()
                  .metadata(owned(updated, old))
                  .spec(old.spec().toBuilder().containers(containers).build())
                  .build();
          return nextGeneration(pod, old);
        }

        @Override
        public List<FieldError> validateUpdate(Pod updated, Pod old) {
          return PodValidation.resize(updated, old);
        }
      };

  /** The old metadata with the account of who owns what brought up to date. */
  private static ObjectMeta owned(Pod updated, Pod old) {
    return old.metadata().toBuilder().managedFields(updated.metadata().managedFields()).build();
  }

  private static Pod nextGeneration(Pod pod, Pod old) {
    return pod.spec().equals(old.spec())
        ? pod
        : pod.withMetadata(
            pod.metadata().toBuilder().generation(old.metadata().generation() + 1).build());
  }

  private static OptionalLong gracePeriod(Pod pod, DeleteOptions options) {
    Long asked = options.gracePeriodSeconds();
    Long own = pod.spec().terminationGracePeriodSeconds();
    long period = asked != null ? asked : own != null ? own : 0;
    String phase = pod.status().phase();
    if (pod.spec().nodeName().isEmpty() || phase.equals("Failed") || phase.equals("Succeeded")) {
      period = 0; // Nobody has anything to end.
    }
    return OptionalLong.of(period < 0 ? 1 : period);
  }

  private static Map<String, String> fields(Pod pod) {
    Map<String, String> fields = new HashMap<>();
    fields.put("spec.nodeName", pod.spec().nodeName());
    fields.put("spec.restartPolicy", pod.spec().restartPolicy());
    fields.put("spec.schedulerName", pod.spec().schedulerName());
    fields.put("spec.serviceAccountName", pod.spec().serviceAccountName());
    fields.put("spec.hostNetwork", Boolean.toString(pod.spec().hostNetwork()));
    fields.put("status.phase", pod.status().phase());
    var ips = pod.status().podIPs();
    fields.put("status.podIP", ips.isEmpty() ? "" : ips.getFirst().ip());
    fields.put("status.nominatedNodeName", pod.status().nominatedNodeName());
    return fields;
  }
}
