package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new node takes no pods until somebody has seen that it is ready (upstream's plugin
 * TaintNodesByCondition); the node controller takes the taint away.
 */
public final class NodeTaints implements Admission {
  private static final String NOT_READY = "node.kubernetes.io/not-ready";

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.NODES) || !(object instanceof Node node)) {
      return object;
    }
    if (node.spec().taints().stream().anyMatch(t -> t.key().equals(NOT_READY))) {
      return node;
    }
    List<Taint> taints = new ArrayList<>(node.spec().taints());
    taints.add(Taint.builder().key(NOT_READY).effect("NoSchedule").build());
    return node.toBuilder().spec(node.spec().toBuilder().taints(taints).build()).build();
  }
}
