package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Sysctl;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerMetadata;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxMetadata;
import io.jurumudi.cri.PortMapping;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.pod.Qos;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the configurations of sandboxes and containers of one node.
 *
 * @param nodeMemoryBytes capacity, for the out-of-memory score
 * @param minOomScoreAdj the lowest score that this process may give
 */
public record ContainerConfigs(
    String nodeName,
    PodDirectories directories,
    Dns dns,
    PodObjects objects,
    long nodeMemoryBytes,
    int minOomScoreAdj) {

  public HostNames hostNames(Pod pod) {
    return HostNames.of(pod, dns.clusterDomain());
  }

  public PodSandboxConfig sandbox(Pod pod, int attempt) throws ConfigException {
    if (Boolean.FALSE.equals(pod.spec().hostUsers())) {
      // Running it with the host's users would give less isolation than was asked for.
      throw new ConfigException("user namespaces are not supported by this node");
    }
    Map<String, String> labels = new HashMap<>(pod.metadata().labels());
    labels.putAll(labels(pod));
    Map<String, String> sysctls = new HashMap<>();
    List<Long> groups = new ArrayList<>();
    var security = pod.spec().securityContext();
    if (security != null) {
      for (Sysctl s : security.sysctls()) {
        sysctls.put(s.name().replace('/', '.'), s.value());
      }
      if (security.fsGroup() != null) {
        groups.add(security.fsGroup());
      }
      groups.addAll(security.supplementalGroups());
    }
    return new PodSandboxConfig(
        new PodSandboxMetadata(
            pod.metadata().name(), pod.metadata().uid(), pod.metadata().namespace(), attempt),
        pod.spec().hostNetwork() ? "" : hostNames(pod).kernelName(pod),
        directories.podLogs(pod).toString(),
        dns.of(pod),
        ports(pod),
        Map.copyOf(labels),
        pod.metadata().annotations(),
        Qos.cgroup(pod),
        Security.namespaces(pod, ""),
        Map.copyOf(sysctls),
        List.copyOf(groups),
        Security.anyPrivileged(pod),
        new SecurityProfile(SecurityProfile.Type.RUNTIME_DEFAULT, ""),
        Limits.ofPod(pod));
  }

  private static List<PortMapping> ports(Pod pod) {
    if (pod.spec().hostNetwork()) {
      return List.of();
    }
    List<PortMapping> ports = new ArrayList<>();
    for (Container c : pod.spec().containers()) {
      for (ContainerPort p : c.ports()) {
        if (p.hostPort() > 0) {
          ports.add(
              new PortMapping(
                  p.protocol().isEmpty() ? "TCP" : p.protocol(),
                  p.containerPort(),
                  p.hostPort(),
                  p.hostIP()));
        }
      }
    }
    return List.copyOf(ports);
  }

  /** The environment comes first: mounts may refer to it (subPathExpr). */
  public List<KeyValue> environment(
      Pod pod,
      Container c,
      List<String> hostIPs,
      List<String> podIPs,
      Map<String, Quantity> allocatable)
      throws ConfigException {
    FieldRefs refs = new FieldRefs(pod, nodeName, hostIPs, podIPs, allocatable);
    return Environment.of(pod, c, refs, objects);
  }

  /**
   * @param attempt number of this run of the container
   * @param targetId container id that an ephemeral container looks at; empty: none
   */
  public ContainerConfig container(
      Pod pod,
      Container c,
      int attempt,
      ImageInfo image,
      List<KeyValue> env,
      List<Mount> mounts,
      String targetId)
      throws ConfigException {
    Function<String, Optional<String>> lookup = Environment.lookup(env);
    Map<String, String> labels = new HashMap<>(labels(pod));
    labels.put(KubeletLabels.CONTAINER_NAME, c.name());
    String stopSignal =
        c.lifecycle() == null || c.lifecycle().stopSignal() == null
            ? ""
            : c.lifecycle().stopSignal();
    return new ContainerConfig(
        new ContainerMetadata(c.name(), attempt),
        image.id(),
        c.command().stream().map(s -> Expansion.expand(s, lookup)).toList(),
        c.args().stream().map(s -> Expansion.expand(s, lookup)).toList(),
        c.workingDir(),
        env,
        mounts,
        List.of(),
        Map.copyOf(labels),
        annotations(pod, c, attempt),
        PodDirectories.logPath(c.name(), attempt),
        c.stdin(),
        c.stdinOnce(),
        c.tty(),
        limits(pod, c),
        Security.of(pod, c, image, targetId),
        stopSignal);
  }

  public LinuxResources limits(Pod pod, Container c) {
    return Limits.of(pod, c, nodeMemoryBytes, minOomScoreAdj);
  }

  static Map<String, String> labels(Pod pod) {
    return Map.of(
        KubeletLabels.POD_NAME,
        pod.metadata().name(),
        KubeletLabels.POD_NAMESPACE,
        pod.metadata().namespace(),
        KubeletLabels.POD_UID,
        pod.metadata().uid());
  }

  private static Map<String, String> annotations(Pod pod, Container c, int attempt) {
    Map<String, String> annotations = new HashMap<>();
    annotations.put(KubeletLabels.CONTAINER_HASH, Containers.hash(c));
    annotations.put(KubeletLabels.RESTART_COUNT, "" + attempt);
    annotations.put(KubeletLabels.TERMINATION_MESSAGE_PATH, c.terminationMessagePath());
    annotations.put(KubeletLabels.TERMINATION_MESSAGE_POLICY, c.terminationMessagePolicy());
    annotations.put(KubeletLabels.RESOURCES, Trees.toJson(Trees.fromMessage(c.resources())));
    Long grace = pod.spec().terminationGracePeriodSeconds();
    if (grace != null) {
      annotations.put(KubeletLabels.TERMINATION_GRACE_PERIOD, "" + grace);
    }
    return Map.copyOf(annotations);
  }
}
