package io.jurumudi.apiserver;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.EndpointSubset;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointConditions;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.networking.v1.ServiceCIDR;
import io.jurumudi.api.scheduling.v1.PriorityClass;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.BootstrapRbac;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.verbs.Target;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.WriteOptions;
import io.jurumudi.machinery.errors.ApiException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** The objects that every cluster has from its beginning. */
final class Bootstrap {
  private static final int HTTPS = 443;

  /** Nobody manages the fields of these: what reckons that takes longer than all else here. */
  private static final WriteOptions WRITE = WriteOptions.INTERNAL.asApplied();

  private final Catalog catalog;
  private final Verbs verbs;
  private final ServerObjects objects;
  private final CallContext self =
      new CallContext(new UserInfo("system:apiserver", UserInfo.MASTERS), "kube-apiserver");

  Bootstrap(Catalog catalog, Verbs verbs, ServerObjects objects) {
    this.catalog = catalog;
    this.verbs = verbs;
    this.objects = objects;
  }

  void namespaces() {
    for (String name : List.of("kube-system", "kube-public", "kube-node-lease", "default")) {
      ensure(
          Resources.NAMESPACES,
          Namespace.builder().metadata(ObjectMeta.builder().name(name).build()).build());
    }
  }

  void priorityClasses() {
    priorityClass(
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.");
    priorityClass(
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another"
            + " node if necessary.");
  }

  private void priorityClass(String name, int value, String description) {
    ensure(
        Resources.PRIORITYCLASSES,
        PriorityClass.builder()
            .metadata(ObjectMeta.builder().name(name).build())
            .value(value)
            .description(description)
            .build());
  }

  /** The roles and bindings that upstream's clusters begin with. */
  void roles() {
    if (objects.find(Resources.CLUSTERROLES, "", "cluster-admin").isPresent()) {
      return; // Not the first start: what is missing was taken away on purpose.
    }
    BootstrapRbac rbac = BootstrapRbac.load();
    rbac.clusterRoles().forEach(r -> ensure(Resources.CLUSTERROLES, r));
    rbac.roles().forEach(r -> ensure(Resources.ROLES, r));
    rbac.clusterRoleBindings().forEach(b -> ensure(Resources.CLUSTERROLEBINDINGS, b));
    rbac.roleBindings().forEach(b -> ensure(Resources.ROLEBINDINGS, b));
  }

  /** The range that services get their addresses from. */
  void serviceCidr(String range) {
    ensure(
        Resources.SERVICECIDRS,
        ServiceCIDR.builder()
            .metadata(ObjectMeta.builder().name("kubernetes").build())
            .spec(s -> s.cidrs(List.of(range)))
            .build());
  }

  /** The service through which pods reach this server, and where it leads. */
  void service(String clusterIp, InetSocketAddress advertised) {
    int port = advertised.getPort();
    String ip = advertised.getAddress().getHostAddress();
    ObjectMeta.Builder meta = ObjectMeta.builder().name("kubernetes").namespace("default");
    ServicePort https =
        ServicePort.builder()
            .name("https")
            .protocol("TCP")
            .port(HTTPS)
            .targetPort(IntOrString.of(port))
            .build();
    Map<String, String> labels = Map.of("component", "apiserver", "provider", "kubernetes");
    put(
        Resources.SERVICES,
        Service.builder()
            .metadata(meta.labels(labels).build())
            .spec(
                ServiceSpec.builder()
                    .type("ClusterIP")
                    .clusterIP(clusterIp)
                    .ports(List.of(https))
                    .build())
            .build());
    if (!advertised.getAddress().isLoopbackAddress()) { // which leads nobody else here: refused
      put(
          Resources.ENDPOINTS,
          Endpoints.builder()
              .metadata(
                  meta.labels(Map.of("endpointslice.kubernetes.io/skip-mirror", "true")).build())
              .subsets(
                  List.of(
                      EndpointSubset.builder()
                          .addresses(List.of(EndpointAddress.builder().ip(ip).build()))
                          .ports(
                              List.of(
                                  io.jurumudi.api.core.v1.EndpointPort.builder()
                                      .name("https")
                                      .port(port)
                                      .protocol("TCP")
                                      .build()))
                          .build()))
              .build());
    }
    put(
        Resources.ENDPOINTSLICES,
        EndpointSlice.builder()
            .metadata(meta.labels(Map.of("kubernetes.io/service-name", "kubernetes")).build())
            .addressType("IPv4")
            .endpoints(
                List.of(
                    Endpoint.builder()
                        .addresses(List.of(ip))
                        .conditions(EndpointConditions.builder().ready(true).build())
                        .build()))
            .ports(List.of(EndpointPort.builder().name("https").port(port).protocol("TCP").build()))
            .build());
  }

  /** Creates an object unless there is one of its name. */
  <T extends KubernetesObject<T>> void ensure(ResourceType<T> type, T object) {
    ObjectMeta meta = object.metadata();
    if (objects.find(type, meta.namespace(), meta.name()).isPresent()) {
      return;
    }
    try {
      verbs.creates().create(target(type, meta), object, WRITE, self);
    } catch (ApiException e) {
      if (!e.isAlreadyExists()) {
        throw e;
      }
    }
  }

  /** Makes an object be as given, whether there is one or not. */
  <T extends KubernetesObject<T>> void put(ResourceType<T> type, T object) {
    ensure(type, object);
    verbs.updates().put(target(type, object.metadata()), object, WRITE, self);
  }

  private <T extends KubernetesObject<T>> Target<T, T> target(
      ResourceType<T> type, ObjectMeta meta) {
    Resource<T> resource = catalog.resource(type);
    return new Target<>(resource, resource.storedVersion(), meta.namespace(), meta.name(), "");
  }
}
