package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.networking.v1.IngressClass;
import io.jurumudi.api.networking.v1.NetworkPolicy;
import io.jurumudi.api.networking.v1.NetworkPolicyPort;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.api.scheduling.v1.PriorityClass;
import io.jurumudi.api.storage.v1.CSIDriver;
import io.jurumudi.api.storage.v1.StorageClass;
import java.util.ArrayList;
import java.util.List;

/** Defaults of the smaller groups. Facts: k8s.io/kubernetes pkg/apis/GROUP/VERSION/defaults.go. */
public final class ClusterDefaults {
  private static final String RBAC = "rbac.authorization.k8s.io";

  private ClusterDefaults() {}

  public static EndpointSlice endpointSlice(EndpointSlice s) {
    return s.toBuilder()
        .ports(
            Lists.map(
                s.ports(),
                p -> {
                  var b = p.toBuilder();
                  if (p.name() == null) {
                    b.name("");
                  }
                  if (p.protocol() == null) {
                    b.protocol("TCP");
                  }
                  return b.build();
                }))
        .build();
  }

  public static NetworkPolicy networkPolicy(NetworkPolicy p) {
    var b = p.spec().toBuilder();
    b.ingress(
        Lists.map(
            p.spec().ingress(),
            r -> r.toBuilder().ports(Lists.map(r.ports(), ClusterDefaults::port)).build()));
    b.egress(
        Lists.map(
            p.spec().egress(),
            r -> r.toBuilder().ports(Lists.map(r.ports(), ClusterDefaults::port)).build()));
    if (p.spec().policyTypes().isEmpty()) {
      List<String> types = new ArrayList<>(List.of("Ingress"));
      if (!p.spec().egress().isEmpty()) {
        types.add("Egress");
      }
      b.policyTypes(types);
    }
    return p.toBuilder().spec(b.build()).build();
  }

  private static NetworkPolicyPort port(NetworkPolicyPort p) {
    return p.protocol() == null ? p.toBuilder().protocol("TCP").build() : p;
  }

  public static IngressClass ingressClass(IngressClass c) {
    var parameters = c.spec().parameters();
    if (parameters == null || parameters.scope() != null) {
      return c;
    }
    var spec = c.spec().toBuilder().parameters(parameters.toBuilder().scope("Cluster").build());
    return c.toBuilder().spec(spec.build()).build();
  }

  public static RoleBinding roleBinding(RoleBinding b) {
    return b.toBuilder()
        .roleRef(roleRef(b.roleRef()))
        .subjects(Lists.map(b.subjects(), ClusterDefaults::subject))
        .build();
  }

  public static ClusterRoleBinding clusterRoleBinding(ClusterRoleBinding b) {
    return b.toBuilder()
        .roleRef(roleRef(b.roleRef()))
        .subjects(Lists.map(b.subjects(), ClusterDefaults::subject))
        .build();
  }

  private static RoleRef roleRef(RoleRef r) {
    return r.apiGroup().isEmpty() ? r.toBuilder().apiGroup(RBAC).build() : r;
  }

  private static Subject subject(Subject s) {
    boolean person = s.kind().equals("User") || s.kind().equals("Group");
    return person && s.apiGroup().isEmpty() ? s.toBuilder().apiGroup(RBAC).build() : s;
  }

  public static StorageClass storageClass(StorageClass c) {
    var b = c.toBuilder();
    if (c.reclaimPolicy() == null) {
      b.reclaimPolicy("Delete");
    }
    if (c.volumeBindingMode() == null) {
      b.volumeBindingMode("Immediate");
    }
    return b.build();
  }

  public static CSIDriver csiDriver(CSIDriver d) {
    var s = d.spec();
    var b = s.toBuilder();
    if (s.attachRequired() == null) {
      b.attachRequired(true);
    }
    if (s.podInfoOnMount() == null) {
      b.podInfoOnMount(false);
    }
    if (s.storageCapacity() == null) {
      b.storageCapacity(false);
    }
    if (s.fsGroupPolicy() == null) {
      b.fsGroupPolicy("ReadWriteOnceWithFSType");
    }
    if (s.volumeLifecycleModes().isEmpty()) {
      b.volumeLifecycleModes(List.of("Persistent"));
    }
    if (s.requiresRepublish() == null) {
      b.requiresRepublish(false);
    }
    if (s.seLinuxMount() == null) {
      b.seLinuxMount(false);
    }
    return d.toBuilder().spec(b.build()).build();
  }

  public static PriorityClass priorityClass(PriorityClass c) {
    return c.preemptionPolicy() == null
        ? c.toBuilder().preemptionPolicy("PreemptLowerPriority").build()
        : c;
  }
}
