package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.core.v1.ClientIPConfig;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.LimitRange;
import io.jurumudi.api.core.v1.LimitRangeItem;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PersistentVolumeClaimSpec;
import io.jurumudi.api.core.v1.PodTemplate;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.core.v1.SessionAffinityConfig;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Defaults of the core group. Facts: k8s.io/kubernetes pkg/apis/core/v1/defaults.go. */
public final class CoreDefaults {
  /** Three hours, the sticky time of ClientIP affinity. */
  private static final int AFFINITY_SECONDS = 10800;

  private CoreDefaults() {}

  public static Service service(Service service) {
    ServiceSpec s = service.spec();
    String type = s.type().isEmpty() ? "ClusterIP" : s.type();
    ServiceSpec.Builder b = s.toBuilder().type(type);
    switch (s.sessionAffinity()) {
      case "", "None" ->
          b.sessionAffinity("None").sessionAffinityConfig((SessionAffinityConfig) null);
      case "ClientIP" -> {
        SessionAffinityConfig config = s.sessionAffinityConfig();
        if (config == null
            || config.clientIP() == null
            || config.clientIP().timeoutSeconds() == null) {
          ClientIPConfig ip = ClientIPConfig.builder().timeoutSeconds(AFFINITY_SECONDS).build();
          b.sessionAffinityConfig(SessionAffinityConfig.builder().clientIP(ip).build());
        }
      }
      default -> {}
    }
    b.ports(Lists.map(s.ports(), CoreDefaults::servicePort));
    boolean external =
        type.equals("LoadBalancer")
            || type.equals("NodePort")
            || (type.equals("ClusterIP") && !s.externalIPs().isEmpty());
    if (external && s.externalTrafficPolicy().isEmpty()) {
      b.externalTrafficPolicy("Cluster");
    }
    if (s.internalTrafficPolicy() == null && !type.equals("ExternalName")) {
      b.internalTrafficPolicy("Cluster");
    }
    if (type.equals("LoadBalancer") && s.allocateLoadBalancerNodePorts() == null) {
      b.allocateLoadBalancerNodePorts(true);
    }
    return service.toBuilder().spec(b.build()).build();
  }

  private static ServicePort servicePort(ServicePort p) {
    ServicePort.Builder b = p.toBuilder();
    if (p.protocol().isEmpty()) {
      b.protocol("TCP");
    }
    if (p.targetPort().equals(IntOrString.of(0)) || p.targetPort().equals(IntOrString.of(""))) {
      b.targetPort(IntOrString.of(p.port()));
    }
    return b.build();
  }

  /** What a client gave as text is stored as bytes like the rest. */
  public static Secret secret(Secret s) {
    Secret.Builder b = s.toBuilder();
    if (s.type().isEmpty()) {
      b.type("Opaque");
    }
    if (!s.stringData().isEmpty()) {
      Map<String, Bytes> data = new TreeMap<>(s.data());
      s.stringData().forEach((key, text) -> data.put(key, Bytes.utf8(text)));
      b.data(data).stringData(Map.of());
    }
    return b.build();
  }

  public static Namespace namespace(Namespace n) {
    Namespace.Builder b = n.toBuilder();
    if (!n.metadata().name().isEmpty()) {
      Map<String, String> labels = new TreeMap<>(n.metadata().labels());
      labels.put("kubernetes.io/metadata.name", n.metadata().name());
      b.metadata(n.metadata().toBuilder().labels(labels).build());
    }
    if (n.status().phase().isEmpty()) {
      b.status(n.status().toBuilder().phase("Active").build());
    }
    return b.build();
  }

  public static Node node(Node n) {
    var spec = n.spec().toBuilder();
    if (n.spec().podCIDRs().isEmpty() && !n.spec().podCIDR().isEmpty()) {
      spec.podCIDRs(List.of(n.spec().podCIDR()));
    } else if (n.spec().podCIDR().isEmpty() && !n.spec().podCIDRs().isEmpty()) {
      spec.podCIDR(n.spec().podCIDRs().getFirst());
    }
    var status = n.status().toBuilder();
    Map<String, Quantity> capacity = PodDefaults.milli(n.status().capacity());
    status.capacity(capacity);
    status.allocatable(
        n.status().allocatable().isEmpty()
            ? capacity
            : PodDefaults.milli(n.status().allocatable()));
    return n.toBuilder().spec(spec.build()).status(status.build()).build();
  }

  public static Endpoints endpoints(Endpoints e) {
    return e.toBuilder()
        .subsets(
            Lists.map(
                e.subsets(),
                s ->
                    s.toBuilder()
                        .ports(
                            Lists.map(
                                s.ports(),
                                p ->
                                    p.protocol().isEmpty()
                                        ? p.toBuilder().protocol("TCP").build()
                                        : p))
                        .build()))
        .build();
  }

  public static PersistentVolume volume(PersistentVolume v) {
    var spec = v.spec().toBuilder();
    if (v.spec().persistentVolumeReclaimPolicy().isEmpty()) {
      spec.persistentVolumeReclaimPolicy("Retain");
    }
    if (v.spec().volumeMode() == null) {
      spec.volumeMode("Filesystem");
    }
    if (v.spec().hostPath() != null && v.spec().hostPath().type() == null) {
      spec.hostPath(v.spec().hostPath().toBuilder().type("").build());
    }
    var b = v.toBuilder().spec(spec.build());
    if (v.status().phase().isEmpty()) {
      b.status(v.status().toBuilder().phase("Pending").build());
    }
    return b.build();
  }

  public static PersistentVolumeClaim claim(PersistentVolumeClaim c) {
    var b = c.toBuilder().spec(claimSpec(c.spec()));
    if (c.status().phase().isEmpty()) {
      b.status(c.status().toBuilder().phase("Pending").build());
    }
    return b.build();
  }

  static PersistentVolumeClaimSpec claimSpec(PersistentVolumeClaimSpec s) {
    return s.volumeMode() == null ? s.toBuilder().volumeMode("Filesystem").build() : s;
  }

  public static LimitRange limitRange(LimitRange r) {
    var spec = r.spec().toBuilder().limits(Lists.map(r.spec().limits(), CoreDefaults::limit));
    return r.toBuilder().spec(spec.build()).build();
  }

  private static LimitRangeItem limit(LimitRangeItem i) {
    if (!i.type().equals("Container")) {
      return i;
    }
    Map<String, Quantity> limits = new TreeMap<>(i.default_());
    i.max().forEach(limits::putIfAbsent);
    Map<String, Quantity> requests = new TreeMap<>(i.defaultRequest());
    limits.forEach(requests::putIfAbsent);
    i.min().forEach(requests::putIfAbsent);
    return i.toBuilder().default_(limits).defaultRequest(requests).build();
  }

  public static PodTemplate podTemplate(PodTemplate t) {
    return t.toBuilder().template(PodDefaults.template(t.template())).build();
  }

  public static ReplicationController replicationController(ReplicationController rc) {
    var b = rc.toBuilder();
    var spec = rc.spec().toBuilder();
    if (rc.spec().replicas() == null) {
      spec.replicas(1);
    }
    if (rc.spec().template() != null) {
      var template = PodDefaults.template(rc.spec().template());
      spec.template(template);
      Map<String, String> labels = template.metadata().labels();
      if (!labels.isEmpty() && rc.spec().selector().isEmpty()) {
        spec.selector(labels);
      }
      if (!labels.isEmpty() && rc.metadata().labels().isEmpty()) {
        b.metadata(rc.metadata().toBuilder().labels(labels).build());
      }
    }
    return b.spec(spec.build()).build();
  }
}
