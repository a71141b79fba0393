package io.jurumudi.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.client.Client;
import io.jurumudi.client.Resource;
import io.jurumudi.cluster.join.JoinToken;
import io.jurumudi.machinery.errors.ApiException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The objects that every cluster has beside those that the API server itself makes: what joining
 * nodes need, and the Service of the cluster's DNS. What is there already stays as it is.
 */
final class AddOns {
  static final int DNS_PORT = 53;
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final String BOOTSTRAPPERS = "system:bootstrappers:jurumudi";

  private AddOns() {}

  /** Installs them; returns the token that nodes join with. */
  static JoinToken install(Client admin, ClusterConfig config) {
    AddressPlan addresses = config.addresses();
    put(
        admin.resource(Resources.NAMESPACES),
        Namespace.builder().metadata(m -> m.name(ClusterInfo.NAMESPACE)).build());
    put(
        admin.resource(Resources.CONFIGMAPS),
        new ClusterInfo(addresses.podCidr(), addresses.serviceCidr(), addresses.dnsServiceIp())
            .configMap());
    join(admin);
    if (config.node() != null) {
      dns(admin, addresses);
    }
    List<Secret> secrets = admin.resource(Resources.SECRETS).list("kube-system").items();
    Optional<JoinToken> known = BootstrapTokens.find(secrets);
    if (known.isPresent()) {
      return known.get();
    }
    JoinToken token = JoinToken.create(new SecureRandom());
    put(admin.resource(Resources.SECRETS), BootstrapTokens.secret(token));
    return token;
  }

  /** Who may join, and what a node may read to do so. */
  private static void join(Client admin) {
    put(
        admin.resource(Resources.CLUSTERROLEBINDINGS),
        ClusterRoleBinding.builder()
            .metadata(m -> m.name("jurumudi:node-bootstrapper"))
            .roleRef(role("ClusterRole", "system:node-bootstrapper"))
            .subjects(List.of(group(BOOTSTRAPPERS)))
            .build());
    put(
        admin.resource(Resources.ROLES),
        Role.builder()
            .metadata(m -> m.namespace(ClusterInfo.NAMESPACE).name("jurumudi:cluster-info"))
            .rules(
                List.of(
                    PolicyRule.builder()
                        .apiGroups(List.of(""))
                        .resources(List.of("configmaps"))
                        .resourceNames(List.of(ClusterInfo.NAME))
                        .verbs(List.of("get"))
                        .build()))
            .build());
    put(
        admin.resource(Resources.ROLEBINDINGS),
        RoleBinding.builder()
            .metadata(m -> m.namespace(ClusterInfo.NAMESPACE).name("jurumudi:cluster-info"))
            .roleRef(role("Role", "jurumudi:cluster-info"))
            .subjects(List.of(group("system:nodes")))
            .build());
    // Nodes run the service proxy and look at one another for routes, so they read what it reads.
    put(
        admin.resource(Resources.CLUSTERROLEBINDINGS),
        ClusterRoleBinding.builder()
            .metadata(m -> m.name("jurumudi:node-proxier"))
            .roleRef(role("ClusterRole", "system:node-proxier"))
            .subjects(List.of(group("system:nodes")))
            .build());
  }

  private static void dns(Client admin, AddressPlan addresses) {
    Map<String, String> labels = Map.of("k8s-app", "kube-dns", "kubernetes.io/name", "CoreDNS");
    put(
        admin.resource(Resources.SERVICES),
        Service.builder()
            .metadata(m -> m.namespace("kube-system").name("kube-dns").labels(labels))
            .spec(
                s ->
                    s.clusterIP(addresses.dnsServiceIp())
                        .ports(List.of(port("dns", "UDP"), port("dns-tcp", "TCP"))))
            .build());
    put(
        admin.resource(Resources.ENDPOINTSLICES),
        EndpointSlice.builder()
            .metadata(
                m ->
                    m.namespace("kube-system")
                        .name("kube-dns")
                        .labels(Map.of("kubernetes.io/service-name", "kube-dns")))
            .addressType("IPv4")
            .endpoints(
                List.of(
                    Endpoint.builder()
                        .addresses(List.of(addresses.nodeIp(0)))
                        .conditions(c -> c.ready(true).serving(true).terminating(false))
                        .build()))
            .ports(List.of(endpointPort("dns", "UDP"), endpointPort("dns-tcp", "TCP")))
            .build());
  }

  private static ServicePort port(String name, String protocol) {
    return ServicePort.builder()
        .name(name)
        .protocol(protocol)
        .port(DNS_PORT)
        .targetPort(IntOrString.of(DNS_PORT))
        .build();
  }

  private static EndpointPort endpointPort(String name, String protocol) {
    return EndpointPort.builder().name(name).protocol(protocol).port(DNS_PORT).build();
  }

  private static RoleRef role(String kind, String name) {
    return RoleRef.builder().apiGroup(RBAC).kind(kind).name(name).build();
  }

  private static Subject group(String name) {
    return Subject.builder().apiGroup(RBAC).kind("Group").name(name).build();
  }

  private static <T extends KubernetesObject<T>> void put(Resource<T> resource, T object) {
    ObjectMeta metadata = object.metadata();
    if (resource.find(metadata.namespace(), metadata.name()).isEmpty()) {
      try {
        resource.create(object);
      } catch (ApiException e) {
        if (!e.isAlreadyExists()) {
          throw e;
        }
      }
    }
  }
}
