package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.apiserver.authentication.UserInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Kubelets: users system:node:NAME of the group system:nodes may read what the pods of their node
 * refer to, and write what is theirs. Facts: plugin/pkg/auth/authorizer/node of Kubernetes v1.36.
 */
public final class NodeAuthorizer implements Authorizer {
  private static final String PREFIX = "system:node:";
  private static final String NODES = "system:nodes";
  private static final List<PolicyRule> RULES =
      List.of(
          rule("authentication.k8s.io", "tokenreviews", "create"),
          rule("authorization.k8s.io", "subjectaccessreviews,localsubjectaccessreviews", "create"),
          rule("", "services", "get,list,watch"),
          rule(",events.k8s.io", "events", "create,update,patch"),
          rule("", "endpoints", "get"),
          rule("certificates.k8s.io", "certificatesigningrequests", "create,get,list,watch"),
          rule("storage.k8s.io", "csidrivers", "get,watch,list"),
          rule("node.k8s.io", "runtimeclasses", "get,list,watch"),
          rule("certificates.k8s.io", "clustertrustbundles", "get,list,watch"));

  private final NodePods pods;

  public NodeAuthorizer(NodePods pods) {
    this.pods = pods;
  }

  private static PolicyRule rule(String groups, String resources, String verbs) {
    return PolicyRule.builder()
        .apiGroups(List.of(groups.split(",", -1)))
        .resources(List.of(resources.split(",", -1)))
        .verbs(List.of(verbs.split(",", -1)))
        .build();
  }

  /** The name of the user's node; null when it is none. */
  public static @Nullable String nodeName(UserInfo user) {
    return user.in(NODES) && user.name().startsWith(PREFIX)
        ? user.name().substring(PREFIX.length())
        : null;
  }

  @Override
  public Decision authorize(Attributes wish) {
    String node = nodeName(wish.user());
    if (node == null) {
      return Decision.noOpinion("");
    }
    if (wish.resourceRequest()) {
      Decision decision =
          switch (wish.apiGroup() + "/" + wish.resource()) {
            case "/secrets" ->
                read(wish, node, pods.usesSecret(node, wish.namespace(), wish.name()));
            case "/configmaps" ->
                read(wish, node, pods.usesConfigMap(node, wish.namespace(), wish.name()));
            case "/persistentvolumeclaims" -> claim(wish, node);
            case "/persistentvolumes" -> get(wish, node, pods.usesVolume(node, wish.name()));
            case "/serviceaccounts" -> account(wish, node);
            case "/nodes" -> node(wish, node);
            case "/pods" -> pod(wish, node);
            case "coordination.k8s.io/leases" -> lease(wish, node);
            case "storage.k8s.io/csinodes" -> own(wish, node, "CSINode");
            default -> null;
          };
      if (decision != null) {
        return decision;
      }
    }
    return Rules.allow(RULES, wish) ? Decision.allow("") : Decision.noOpinion("");
  }

  private static Decision related(String node, boolean related) {
    return related
        ? Decision.allow("")
        : Decision.noOpinion("no relationship found between node '" + node + "' and this object");
  }

  private static Decision read(Attributes wish, String node, boolean related) {
    return switch (wish.verb()) {
      case "get", "list", "watch" -> {
        if (!wish.subresource().isEmpty()) {
          yield Decision.noOpinion("cannot read subresource");
        }
        if (wish.namespace().isEmpty()) {
          yield Decision.noOpinion("can only read namespaced object of this type");
        }
        yield wish.name().isEmpty()
            ? Decision.noOpinion("No Object name found")
            : related(node, related);
      }
      default -> Decision.noOpinion("can only read resources of this type");
    };
  }

  private static Decision get(Attributes wish, String node, boolean related) {
    if (!wish.verb().equals("get")) {
      return Decision.noOpinion("can only get individual resources of this type");
    }
    if (!wish.subresource().isEmpty()) {
      return Decision.noOpinion("cannot get subresource");
    }
    return related(node, related);
  }

  private Decision claim(Attributes wish, String node) {
    boolean related = pods.usesClaim(node, wish.namespace(), wish.name());
    if (!wish.subresource().equals("status")) {
      return get(wish, node, related);
    }
    return switch (wish.verb()) {
      case "update", "patch" -> related(node, related);
      default -> Decision.noOpinion("can only get/update/patch this type");
    };
  }

  private Decision account(Attributes wish, String node) {
    boolean related = pods.usesAccount(node, wish.namespace(), wish.name());
    if (wish.verb().equals("get") && wish.subresource().isEmpty()) {
      return read(wish, node, related);
    }
    if (!wish.verb().equals("create") || wish.name().isEmpty()) {
      return Decision.noOpinion("can only create tokens for individual service accounts");
    }
    if (!wish.subresource().equals("token")) {
      return Decision.noOpinion("can only create token subresource of serviceaccount");
    }
    return related(node, related);
  }

  private static Decision lease(Attributes wish, String node) {
    if (!wish.namespace().equals("kube-node-lease")) {
      return Decision.noOpinion(
          "can only access leases in the \"kube-node-lease\" system namespace");
    }
    return own(wish, node, "node lease");
  }

  private static Decision own(Attributes wish, String node, String what) {
    return switch (wish.verb()) {
      case "create" -> Decision.allow("");
      case "get", "update", "patch", "delete" ->
          wish.name().equals(node)
              ? Decision.allow("")
              : Decision.noOpinion(
                  "can only access " + what + " with the same name as the requesting node");
      default -> Decision.noOpinion("can only get, create, update, patch, or delete a " + what);
    };
  }

  private static Decision node(Attributes wish, String node) {
    boolean status = wish.subresource().equals("status");
    if (!status && !wish.subresource().isEmpty()) {
      return Decision.noOpinion("");
    }
    return switch (wish.verb()) {
      case "update", "patch" -> Decision.allow("");
      case "create" -> status ? Decision.noOpinion("") : Decision.allow("");
      case "get", "list", "watch" -> {
        if (status) {
          yield Decision.noOpinion("");
        }
        if (wish.name().equals(node)) {
          yield Decision.allow("");
        }
        yield Decision.noOpinion(
            wish.name().isEmpty()
                ? "node '" + node + "' cannot read all nodes, only its own Node object"
                : "node '"
                    + node
                    + "' cannot read '"
                    + wish.name()
                    + "', only its own Node object");
      }
      default -> Decision.noOpinion("");
    };
  }

  private Decision pod(Attributes wish, String node) {
    return switch (wish.subresource() + ":" + wish.verb()) {
      case ":get" -> related(node, pods.hasPod(node, wish.namespace(), wish.name()));
      case ":list", ":watch" ->
          wish.fields().requiresExactMatch("spec.nodeName").filter(node::equals).isPresent()
              ? Decision.allow("")
              : Decision.noOpinion("can only list/watch pods with spec.nodeName field selector");
      case ":create", ":delete", "status:update", "status:patch", "eviction:create" ->
          Decision.allow("");
      default -> Decision.noOpinion("");
    };
  }
}
