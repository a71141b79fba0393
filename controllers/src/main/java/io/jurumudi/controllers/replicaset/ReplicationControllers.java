package io.jurumudi.controllers.replicaset;

import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.ReplicaSetCondition;
import io.jurumudi.api.apps.v1.ReplicaSetStatus;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.ReplicationControllerCondition;
import io.jurumudi.api.meta.v1.LabelSelector;

/** ReplicationControllers seen as ReplicaSets. */
final class ReplicationControllers {
  private ReplicationControllers() {}

  static ReplicaSet view(ReplicationController controller) {
    var spec = controller.spec();
    var status = controller.status();
    return ReplicaSet.builder()
        .metadata(controller.metadata())
        .spec(
            s ->
                s.replicas(spec.replicas())
                    .minReadySeconds(spec.minReadySeconds())
                    .selector(
                        spec.selector().isEmpty()
                            ? null
                            : LabelSelector.builder().matchLabels(spec.selector()).build())
                    .template(spec.template() == null ? PodTemplateSpec.EMPTY : spec.template()))
        .status(
            s ->
                s.replicas(status.replicas())
                    .fullyLabeledReplicas(status.fullyLabeledReplicas())
                    .readyReplicas(status.readyReplicas())
                    .availableReplicas(status.availableReplicas())
                    .observedGeneration(status.observedGeneration())
                    .conditions(
                        status.conditions().stream()
                            .map(
                                c ->
                                    ReplicaSetCondition.builder()
                                        .type(c.type())
                                        .status(c.status())
                                        .reason(c.reason())
                                        .message(c.message())
                                        .lastTransitionTime(c.lastTransitionTime())
                                        .build())
                            .toList()))
        .build();
  }

  /** Terminating pods have no place in the older kind. */
  static ReplicationController withStatus(
      ReplicationController controller, ReplicaSetStatus status) {
    return controller.toBuilder()
        .status(
            s ->
                s.replicas(status.replicas())
                    .fullyLabeledReplicas(status.fullyLabeledReplicas())
                    .readyReplicas(status.readyReplicas())
                    .availableReplicas(status.availableReplicas())
                    .observedGeneration(status.observedGeneration())
                    .conditions(
                        status.conditions().stream()
                            .map(
                                c ->
                                    ReplicationControllerCondition.builder()
                                        .type(c.type())
                                        .status(c.status())
                                        .reason(c.reason())
                                        .message(c.message())
                                        .lastTransitionTime(c.lastTransitionTime())
                                        .build())
                            .toList()))
        .build();
  }
}
