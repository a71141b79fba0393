package io.jurumudi.kubelet.node;

import io.jurumudi.api.core.v1.ContainerImage;
import io.jurumudi.api.core.v1.DaemonEndpoint;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAddress;
import io.jurumudi.api.core.v1.NodeCondition;
import io.jurumudi.api.core.v1.NodeDaemonEndpoints;
import io.jurumudi.api.core.v1.NodeFeatures;
import io.jurumudi.api.core.v1.NodeRuntimeHandler;
import io.jurumudi.api.core.v1.NodeRuntimeHandlerFeatures;
import io.jurumudi.api.core.v1.NodeSpec;
import io.jurumudi.api.core.v1.NodeStatus;
import io.jurumudi.api.core.v1.NodeSystemInfo;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ImageInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes the node's object and status (upstream's initialNode and nodestatus setters). */
public final class Nodes {
  /** Memory that upstream's default eviction threshold keeps free. */
  private static final long EVICTION_MEMORY = 100L << 20;

  private static final int MAX_IMAGES = 50;
  private static final int MAX_NAMES = 5;

  private Nodes() {}

  /** The node as it is registered. */
  public static Node initial(NodeFacts facts) {
    return Node.builder()
        .metadata(
            ObjectMeta.builder()
                .name(facts.name())
                .labels(labels(facts))
                .annotations(
                    Map.of("volumes.kubernetes.io/controller-managed-attach-detach", "true"))
                .build())
        .spec(NodeSpec.builder().taints(facts.taints()).build())
        .status(status(facts, NodeStatus.EMPTY))
        .build();
  }

  /** The labels that this kubelet sees to. */
  public static Map<String, String> labels(NodeFacts facts) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("kubernetes.io/hostname", facts.hostname());
    labels.put("kubernetes.io/os", "linux");
    labels.put("kubernetes.io/arch", facts.machine().architecture());
    labels.put("beta.kubernetes.io/os", "linux");
    labels.put("beta.kubernetes.io/arch", facts.machine().architecture());
    labels.putAll(facts.labels());
    return labels;
  }

  public static NodeStatus status(NodeFacts facts, NodeStatus old) {
    Machine m = facts.machine();
    List<NodeAddress> addresses = new ArrayList<>();
    facts
        .addresses()
        .forEach(a -> addresses.add(NodeAddress.builder().type("InternalIP").address(a).build()));
    addresses.add(NodeAddress.builder().type("Hostname").address(facts.hostname()).build());
    return old.toBuilder()
        .capacity(capacity(facts))
        .allocatable(allocatable(facts))
        .addresses(addresses)
        .conditions(conditions(facts, old))
        .daemonEndpoints(
            NodeDaemonEndpoints.builder()
                .kubeletEndpoint(DaemonEndpoint.builder().Port(facts.port()).build())
                .build())
        .nodeInfo(
            NodeSystemInfo.builder()
                .machineID(m.machineId())
                .systemUUID(m.systemUuid())
                .bootID(m.bootId())
                .kernelVersion(m.kernelVersion())
                .osImage(m.osImage())
                .containerRuntimeVersion(
                    facts.runtime().runtimeName() + "://" + facts.runtime().runtimeVersion())
                .kubeletVersion(facts.kubeletVersion())
                .operatingSystem("linux")
                .architecture(m.architecture())
                .build())
        .images(images(facts.images()))
        .runtimeHandlers(
            List.of(
                NodeRuntimeHandler.builder()
                    .features(
                        NodeRuntimeHandlerFeatures.builder()
                            .recursiveReadOnlyMounts(true)
                            .userNamespaces(false)
                            .build())
                    .build()))
        .features(NodeFeatures.builder().supplementalGroupsPolicy(true).build())
        .build();
  }

  static Map<String, Quantity> capacity(NodeFacts facts) {
    Machine m = facts.machine();
    Map<String, Quantity> capacity = new TreeMap<>();
    capacity.put("cpu", Quantity.of(m.processors()));
    capacity.put("memory", kibibytes(m.memoryBytes()));
    capacity.put("ephemeral-storage", kibibytes(m.diskBytes()));
    capacity.put("pods", Quantity.of(facts.maxPods()));
    capacity.put("hugepages-1Gi", Quantity.of(0));
    capacity.put("hugepages-2Mi", Quantity.of(0));
    return capacity;
  }

  private static Quantity kibibytes(long bytes) {
    return Quantity.ofBytes(bytes / 1024 * 1024);
  }

  /** What pods may ask for together. */
  public static Map<String, Quantity> allocatable(NodeFacts facts) {
    Map<String, Quantity> allocatable = new TreeMap<>(capacity(facts));
    Machine m = facts.machine();
    allocatable.put("memory", kibibytes(Math.max(0, m.memoryBytes() - EVICTION_MEMORY)));
    allocatable.put("ephemeral-storage", Quantity.of(m.diskBytes() / 10 * 9));
    facts
        .reserved()
        .forEach(
            (name, reserved) -> {
              Quantity all = allocatable.get(name);
              if (all != null) {
                Quantity rest = all.subtract(reserved);
                allocatable.put(name, rest.signum() < 0 ? Quantity.of(0) : rest);
              }
            });
    return allocatable;
  }

  private static List<ContainerImage> images(List<ImageInfo> images) {
    return images.stream()
        .filter(i -> !i.repoTags().isEmpty() || !i.repoDigests().isEmpty())
        .sorted(Comparator.comparingLong(ImageInfo::sizeBytes).reversed())
        .limit(MAX_IMAGES)
        .map(
            i ->
                ContainerImage.builder()
                    .names(
                        Stream.concat(i.repoDigests().stream(), i.repoTags().stream())
                            .limit(MAX_NAMES)
                            .toList())
                    .sizeBytes(i.sizeBytes())
                    .build())
        .toList();
  }

  private static List<NodeCondition> conditions(NodeFacts facts, NodeStatus old) {
    List<NodeCondition> conditions = new ArrayList<>();
    pressure(conditions, facts, old, "MemoryPressure", "HasSufficientMemory", "memory available");
    pressure(conditions, facts, old, "DiskPressure", "HasNoDiskPressure", "");
    pressure(conditions, facts, old, "PIDPressure", "HasSufficientPID", "PID available");
    boolean ready = facts.problems().isEmpty();
    conditions.add(
        condition(
            facts,
            old,
            "Ready",
            ready,
            ready ? "KubeletReady" : "KubeletNotReady",
            ready
                ? "kubelet is posting ready status"
                : "[" + String.join(", ", facts.problems()) + "]"));
    // Conditions of others, such as NetworkUnavailable, stay.
    for (NodeCondition c : old.conditions()) {
      if (conditions.stream().noneMatch(mine -> mine.type().equals(c.type()))) {
        conditions.addFirst(c);
      }
    }
    return List.copyOf(conditions);
  }

  private static void pressure(
      List<NodeCondition> conditions,
      NodeFacts facts,
      NodeStatus old,
      String type,
      String reason,
      String what) {
    String problem = facts.pressures().get(type);
    String fine =
        what.isEmpty() ? "kubelet has no disk pressure" : "kubelet has sufficient " + what;
    conditions.add(
        problem == null
            ? condition(facts, old, type, false, "Kubelet" + reason, fine)
            : condition(
                facts,
                old,
                type,
                true,
                "KubeletHas" + type.replace("Pressure", "") + "Pressure",
                problem));
  }

  private static NodeCondition condition(
      NodeFacts facts, NodeStatus old, String type, boolean value, String reason, String message) {
    Instant now = facts.now().truncatedTo(ChronoUnit.SECONDS);
    String status = value ? "True" : "False";
    Optional<NodeCondition> before =
        old.conditions().stream().filter(c -> c.type().equals(type)).findFirst();
    Instant since =
        before
            .filter(c -> c.status().equals(status))
            .map(NodeCondition::lastTransitionTime)
            .orElse(now);
    return NodeCondition.builder()
        .type(type)
        .status(status)
        .reason(reason)
        .message(message)
        .lastHeartbeatTime(now)
        .lastTransitionTime(since)
        .build();
  }

  /** Whether two statuses differ in more than the time of their heartbeat. */
  static boolean differ(NodeStatus a, NodeStatus b) {
    return !withoutHeartbeat(a).equals(withoutHeartbeat(b));
  }

  private static NodeStatus withoutHeartbeat(NodeStatus s) {
    return s.toBuilder()
        .conditions(
            s.conditions().stream()
                .map(c -> c.toBuilder().lastHeartbeatTime(null).build())
                .toList())
        .build();
  }
}
