package io.jurumudi.kubelet.container;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.ConfigMapEnvSource;
import io.jurumudi.api.core.v1.ConfigMapKeySelector;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EnvFromSource;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.EnvVarSource;
import io.jurumudi.api.core.v1.HostAlias;
import io.jurumudi.api.core.v1.ObjectFieldSelector;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSecurityContext;
import io.jurumudi.api.core.v1.ResourceFieldSelector;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GroupResource;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContainerConfigsTest {
  private static final ImageInfo IMAGE =
      new ImageInfo("sha256:1", List.of("web:1"), List.of(), 1, "", false);

  private static final PodObjects OBJECTS =
      new PodObjects() {
        @Override
        public ConfigMap configMap(String namespace, String name) {
          if (!name.equals("cfg")) {
            throw ApiException.notFound(new GroupResource("", "configmap"), name);
          }
          return ConfigMap.builder().data(Map.of("k", "v", "l", "w")).build();
        }

        @Override
        public Secret secret(String namespace, String name) {
          throw ApiException.notFound(new GroupResource("", "secret"), name);
        }

        @Override
        public Collection<Service> services(String namespace) {
          return List.of(
              Service.builder()
                  .metadata(ObjectMeta.builder().name("kubernetes").namespace("default").build())
                  .spec(
                      ServiceSpec.builder()
                          .clusterIP("10.0.0.1")
                          .ports(
                              List.of(
                                  ServicePort.builder()
                                      .name("https")
                                      .port(443)
                                      .protocol("TCP")
                                      .build()))
                          .build())
                  .build());
        }
      };

  private static final Dns DNS =
      new Dns(
          List.of("10.0.0.10"),
          "cluster.local",
          new DnsConfig(List.of("192.0.2.53"), List.of("example.org"), List.of()));

  private static final ContainerConfigs CONFIGS =
      new ContainerConfigs(
          "node", new PodDirectories(Path.of("/k"), Path.of("/l")), DNS, OBJECTS, 8L << 30, -1000);

  private static Map<String, Quantity> allocatable() {
    return Map.of("cpu", Quantity.parse("4"), "memory", Quantity.parse("8Gi"));
  }

  private static EnvVar field(String name, String path) {
    return EnvVar.builder()
        .name(name)
        .valueFrom(
            EnvVarSource.builder()
                .fieldRef(ObjectFieldSelector.builder().fieldPath(path).build())
                .build())
        .build();
  }

  private static EnvVar value(String name, String value) {
    return EnvVar.builder().name(name).value(value).build();
  }

  private static List<KeyValue> environment(Container c) throws ConfigException {
    return CONFIGS.environment(
        pod("p", c), c, List.of("192.0.2.1"), List.of("10.1.0.2"), allocatable());
  }

  private static Optional<String> get(List<KeyValue> env, String key) {
    return Environment.lookup(env).apply(key);
  }

  @Test
  void environmentComesFromEverywhere() throws ConfigException {
    Container c =
        container("a", "web:1").toBuilder()
            .resources(
                ResourceRequirements.builder()
                    .requests(Map.of("cpu", Quantity.parse("1500m")))
                    .build())
            .envFrom(
                List.of(
                    EnvFromSource.builder()
                        .prefix("P_")
                        .configMapRef(ConfigMapEnvSource.builder().name("cfg").build())
                        .build(),
                    EnvFromSource.builder()
                        .configMapRef(
                            ConfigMapEnvSource.builder().name("nope").optional(true).build())
                        .build()))
            .env(
                List.of(
                    field("NAME", "metadata.name"),
                    field("IP", "status.podIP"),
                    field("HOST", "status.hostIP"),
                    field("LABEL", "metadata.labels['none']"),
                    value("URL", "http://$(IP):$(KUBERNETES_SERVICE_PORT)/$$(IP)/$(NONE)/$(P_k)"),
                    EnvVar.builder()
                        .name("CPU")
                        .valueFrom(
                            EnvVarSource.builder()
                                .resourceFieldRef(
                                    ResourceFieldSelector.builder()
                                        .resource("requests.cpu")
                                        .build())
                                .build())
                        .build(),
                    EnvVar.builder()
                        .name("MEMORY")
                        .valueFrom(
                            EnvVarSource.builder()
                                .resourceFieldRef(
                                    ResourceFieldSelector.builder()
                                        .resource("limits.memory")
                                        .divisor(Quantity.parse("1Mi"))
                                        .build())
                                .build())
                        .build()))
            .build();
    List<KeyValue> env = environment(c);
    assertThat(get(env, "NAME")).contains("p");
    assertThat(get(env, "P_l")).contains("w");
    assertThat(get(env, "LABEL")).contains("");
    assertThat(get(env, "URL")).contains("http://10.1.0.2:443/$(IP)/$(NONE)/v");
    assertThat(get(env, "CPU")).contains("2");
    assertThat(get(env, "MEMORY")).contains("8192");
    assertThat(get(env, "KUBERNETES_SERVICE_HOST")).contains("10.0.0.1");
    assertThat(get(env, "KUBERNETES_PORT_443_TCP")).contains("tcp://10.0.0.1:443");
  }

  @Test
  void aMissingObjectOrKeyIsNamed() {
    Container c = container("a", "web:1");
    assertThatThrownBy(() -> environment(withKey(c, "nope", "k")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("configmap \"nope\" not found");
    assertThatThrownBy(() -> environment(withKey(c, "cfg", "x")))
        .hasMessage("couldn't find key x in ConfigMap default/cfg");
  }

  private static Container withKey(Container c, String name, String key) {
    return c.toBuilder()
        .env(
            List.of(
                EnvVar.builder()
                    .name("A")
                    .valueFrom(
                        EnvVarSource.builder()
                            .configMapKeyRef(
                                ConfigMapKeySelector.builder().name(name).key(key).build())
                            .build())
                    .build()))
        .build();
  }

  @Test
  void limitsBecomeTheKernelsNumbers() throws ConfigException {
    Container c =
        container("a", "web:1").toBuilder()
            .command(List.of("run", "$(A)"))
            .resources(
                ResourceRequirements.builder()
                    .requests(Map.of("cpu", Quantity.parse("250m")))
                    .limits(Map.of("cpu", Quantity.parse("500m"), "memory", Quantity.parse("64Mi")))
                    .build())
            .build();
    ContainerConfig config =
        CONFIGS.container(pod("p", c), c, 2, IMAGE, List.of(new KeyValue("A", "b")), List.of(), "");
    assertThat(config.resources().cpuQuotaMicros()).isEqualTo(50_000);
    assertThat(config.resources().cpuShares()).isEqualTo(256);
    assertThat(config.resources().memoryLimitBytes()).isEqualTo(64L << 20);
    assertThat(config.command()).containsExactly("run", "b");
    assertThat(config.logPath()).isEqualTo("a/2.log");
    assertThat(config.metadata().attempt()).isEqualTo(2);
  }

  @Test
  void securityOfPodAndContainerIsMerged() throws ConfigException {
    Container c = container("a", "web:1");
    Pod pod =
        pod(
            "p",
            s ->
                s.containers(List.of(c))
                    .hostPID(true)
                    .securityContext(
                        PodSecurityContext.builder()
                            .runAsUser(1000L)
                            .fsGroup(2000L)
                            .supplementalGroups(List.of(3000L))
                            .build()));
    ContainerConfig config = CONFIGS.container(pod, c, 0, IMAGE, List.of(), List.of(), "");
    assertThat(config.security().runAsUser()).isEqualTo(1000);
    assertThat(config.security().supplementalGroups()).containsExactly(2000L, 3000L);
    assertThat(config.security().namespaces().pid()).isEqualTo(NamespaceMode.NODE);
    assertThat(config.security().maskedPaths()).contains("/proc/kcore");
    Pod nonRoot =
        pod(
            "p",
            s ->
                s.containers(List.of(c))
                    .securityContext(PodSecurityContext.builder().runAsNonRoot(true).build()));
    assertThatThrownBy(() -> CONFIGS.container(nonRoot, c, 0, IMAGE, List.of(), List.of(), ""))
        .hasMessageStartingWith("container has runAsNonRoot and image will run as root");
  }

  @Test
  void namesAndHostsFile() {
    Pod pod = pod("p", s -> s.hostname("web-0").subdomain("web"));
    HostNames names = CONFIGS.hostNames(pod);
    assertThat(names).isEqualTo(new HostNames("web-0", "web.default.svc.cluster.local"));
    assertThat(
            names.hostsFile(
                List.of("10.1.0.2"),
                List.of(HostAlias.builder().ip("1.2.3.4").hostnames(List.of("a", "b")).build())))
        .startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
        .contains("10.1.0.2\tweb-0.web.default.svc.cluster.local\tweb-0\n")
        .endsWith("\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n");
  }

  @Test
  void resolvConfFollowsThePolicy() {
    assertThat(DNS.of(pod("p", s -> s)))
        .isEqualTo(
            new DnsConfig(
                List.of("10.0.0.10"),
                List.of(
                    "default.svc.cluster.local",
                    "svc.cluster.local",
                    "cluster.local",
                    "example.org"),
                List.of("ndots:5")));
    assertThat(DNS.of(pod("p", s -> s.hostNetwork(true))).servers()).containsExactly("192.0.2.53");
    assertThat(
            DNS.of(pod("p", s -> s.dnsPolicy("ClusterFirstWithHostNet").hostNetwork(true)))
                .servers())
        .containsExactly("10.0.0.10");
    assertThat(DNS.of(pod("p", s -> s.dnsPolicy("None"))).servers()).isEmpty();
    assertThat(Dns.parse("# x\nnameserver 1.1.1.1\nsearch a. b\noptions ndots:2 rotate\n"))
        .isEqualTo(
            new DnsConfig(List.of("1.1.1.1"), List.of("a", "b"), List.of("ndots:2", "rotate")));
  }
}
