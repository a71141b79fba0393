package io.jurumudi.controllers.replicaset;

import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.ReplicaSetStatus;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.ReplicationControllerStatus;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.machinery.codec.Trees;

/** ReplicationControllers seen as ReplicaSets; their status has the same fields. */
final class ReplicationControllers {
  private ReplicationControllers() {}

  static ReplicaSet view(ReplicationController controller) {
    var spec = controller.spec();
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
        .status(Trees.toMessage(ReplicaSetStatus.SCHEMA, Trees.fromMessage(controller.status())))
        .build();
  }

  /** Terminating pods have no place in the older kind. */
  static ReplicationController withStatus(
      ReplicationController controller, ReplicaSetStatus status) {
    return controller.toBuilder()
        .status(Trees.toMessage(ReplicationControllerStatus.SCHEMA, Trees.fromMessage(status)))
        .build();
  }
}
