package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.BoundObjectReference;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.ApiException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the node authorizer allows for any object of a kind, a kubelet may do to its own: its node,
 * its lease, the pods that run on it. Facts: plugin/pkg/admission/noderestriction.
 */
public final class NodeRestriction implements Admission {
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String RESERVED = "node-restriction.kubernetes.io/";

  private final ObjectSource objects;

  public NodeRestriction(ObjectSource objects) {
    this.objects = objects;
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    String node = NodeAuthorizer.nodeName(request.user());
    if (node == null) {
      return;
    }
    if (request.isFor(Resources.NODES)) {
      node(request, node, object);
    } else if (request.isFor(Resources.PODS)) {
      pod(request, node, object);
    } else if (request.isFor(Resources.LEASES) || request.isFor(Resources.CSINODES)) {
      String name = object == null ? request.name() : object.metadata().name();
      if (!name.equals(node)) {
        throw refused(
            request.type(),
            name,
            "can only access "
                + request.type().plural()
                + " with the same name as the requesting"
                + " node");
      }
    }
  }

  private static ApiException refused(ResourceType<?> type, String name, String why) {
    return ApiException.forbidden(type, name, why);
  }

  private static void node(
      AdmissionRequest request, String node, @Nullable KubernetesObject<?> object) {
    String name = object == null ? request.name() : object.metadata().name();
    if (!name.equals(node)) {
      throw refused(
          Resources.NODES,
          name,
          "node \"" + node + "\" is not allowed to modify node \"" + name + "\"");
    }
    if (request.operation() == AdmissionRequest.Operation.DELETE) {
      throw refused(Resources.NODES, name, "node \"" + node + "\" is not allowed to delete itself");
    }
    if (object instanceof Node changed) {
      Map<String, String> before = request.old() instanceof Node old ? reserved(old) : Map.of();
      if (!reserved(changed).equals(before)) {
        throw refused(
            Resources.NODES,
            name,
            "is not allowed to modify labels: " + String.join(", ", reserved(changed).keySet()));
      }
      if (request.old() instanceof Node old
          && request.subresource().isEmpty()
          && !old.spec().taints().equals(changed.spec().taints())) {
        throw refused(
            Resources.NODES, name, "node \"" + node + "\" is not allowed to modify taints");
      }
    }
  }

  private static Map<String, String> reserved(Node node) {
    Map<String, String> labels = new TreeMap<>();
    node.metadata()
        .labels()
        .forEach(
            (key, value) -> {
              int slash = key.indexOf('/');
              String domain = slash < 0 ? "" : key.substring(0, slash + 1);
              if (domain.equals(RESERVED) || domain.endsWith("." + RESERVED)) {
                labels.put(key, value);
              }
            });
    return labels;
  }

  private static void pod(
      AdmissionRequest request, String node, @Nullable KubernetesObject<?> object) {
    String name = request.name();
    switch (request.operation()) {
      case CREATE -> {
        if (!request.subresource().isEmpty() || !(object instanceof Pod pod)) {
          return;
        }
        if (!pod.metadata().annotations().containsKey(MIRROR)) {
          throw refused(
              Resources.PODS,
              name,
              "pod does not have \""
                  + MIRROR
                  + "\" annotation, node \""
                  + node
                  + "\" can only create mirror pods");
        }
        if (!pod.spec().nodeName().equals(node)) {
          throw refused(
              Resources.PODS,
              name,
              "node \"" + node + "\" can only create pods with spec.nodeName set to itself");
        }
      }
      case UPDATE, DELETE -> {
        boolean own = request.old() instanceof Pod old && old.spec().nodeName().equals(node);
        if (!own) {
          throw refused(
              Resources.PODS,
              name,
              "node \""
                  + node
                  + "\" can only "
                  + (request.operation() == AdmissionRequest.Operation.DELETE
                      ? "delete pods with spec.nodeName set to itself"
                      : "update pod status for pods with spec.nodeName set to itself"));
        }
      }
      case CONNECT -> {} // The node authorizer has refused it.
    }
  }

  /**
   * Before a kubelet gets a token: it must be bound to a pod of its own.
   *
   * @throws ApiException forbidden
   */
  public void checkToken(UserInfo user, String namespace, String account, TokenRequest request) {
    String node = NodeAuthorizer.nodeName(user);
    if (node == null) {
      return;
    }
    BoundObjectReference reference = request.spec().boundObjectRef();
    if (reference == null
        || !reference.kind().equals("Pod")
        || !reference.apiVersion().equals("v1")
        || reference.name().isEmpty()) {
      throw refused(Resources.SERVICEACCOUNTS, account, "node requested token not bound to a pod");
    }
    if (reference.uid().isEmpty()) {
      throw refused(
          Resources.SERVICEACCOUNTS,
          account,
          "node requested token with a pod binding without a uid");
    }
    Optional<Pod> pod = objects.find(Resources.PODS, namespace, reference.name());
    if (pod.isEmpty() || !Objects.equals(pod.get().metadata().uid(), reference.uid())) {
      throw refused(
          Resources.SERVICEACCOUNTS,
          account,
          "the UID in the bound object reference ("
              + reference.uid()
              + ") does not match the UID in record");
    }
    if (!pod.get().spec().nodeName().equals(node)) {
      throw refused(
          Resources.SERVICEACCOUNTS,
          account,
          "node requested token bound to a pod scheduled on a different node");
    }
  }

  /**
   * Before a kubelet evicts a pod.
   *
   * @throws ApiException forbidden
   */
  public void checkEviction(UserInfo user, String namespace, String name) {
    String node = NodeAuthorizer.nodeName(user);
    if (node != null
        && objects
            .find(Resources.PODS, namespace, name)
            .filter(pod -> !pod.spec().nodeName().equals(node))
            .isPresent()) {
      throw refused(
          Resources.PODS,
          name,
          "node \"" + node + "\" can only evict pods with spec.nodeName set to itself");
    }
  }
}
