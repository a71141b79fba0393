package io.jurumudi.scheduler;

import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.ClaimBinder;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.SchedulingCycle;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import io.jurumudi.scheduler.plugins.DefaultProfile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A cluster made of values, in which pods can be placed one by one. */
final class Given implements ClusterView {
  final Nominations nominations = new Nominations();
  final SchedulerCache cache = new SchedulerCache();
  final Framework framework = newFramework();
  final List<PodDisruptionBudget> budgets = new ArrayList<>();
  final List<PersistentVolumeClaim> claims = new ArrayList<>();
  final List<PersistentVolume> volumes = new ArrayList<>();
  final List<StorageClass> classes = new ArrayList<>();
  final List<Namespace> namespaces = new ArrayList<>();
  Selector defaultSelector = Selector.everything();
  private final Random random = new Random(1);
  private int start;

  /** Nothing is bound here. */
  private static final class NoBinder implements Plugin.Bind {
    @Override
    public String name() {
      return "NoBinder";
    }

    @Override
    public Status bind(CycleState state, PodInfo pod, String node) {
      return Status.SUCCESS;
    }
  }

  private static final class NoClaimBinder implements ClaimBinder {
    @Override
    public void bind(PersistentVolume volume, PersistentVolumeClaim claim) {}

    @Override
    public void select(PersistentVolumeClaim claim, String node) {}

    @Override
    public Optional<String> await(Pod pod, List<String> claims, String node) {
      return Optional.empty();
    }
  }

  /** The default profile, with nothing remembered. */
  Framework newFramework() {
    return DefaultProfile.of(
        "default-scheduler", this, nominations::before, new NoBinder(), new NoClaimBinder());
  }

  static Node node(String name, String cpu, String memory, Map<String, String> labels) {
    return Node.builder()
        .metadata(
            m -> {
              Map<String, String> all = new java.util.TreeMap<>(labels);
              all.put("kubernetes.io/hostname", name);
              return m.name(name).uid(name).labels(all);
            })
        .status(
            s ->
                s.allocatable(
                    Map.of(
                        "cpu", Quantity.parse(cpu),
                        "memory", Quantity.parse(memory),
                        "pods", Quantity.parse("110"))))
        .build();
  }

  static Node node(String name) {
    return node(name, "4", "8Gi", Map.of());
  }

  static Pod pod(String name, String cpu, String memory) {
    return Pod.builder()
        .metadata(m -> m.name(name).namespace("default").uid(name))
        .spec(
            s ->
                s.schedulerName("default-scheduler")
                    .containers(
                        List.of(
                            io.jurumudi.api.core.v1.Container.builder()
                                .name("c")
                                .image("web:1")
                                .resources(
                                    r ->
                                        r.requests(
                                            Map.of(
                                                "cpu", Quantity.parse(cpu),
                                                "memory", Quantity.parse(memory))))
                                .build())))
        .build();
  }

  static Pod pod(String name) {
    return pod(name, "100m", "100Mi");
  }

  static Pod labelled(Pod pod, String key, String value) {
    return pod.toBuilder().metadata(m -> m.labels(Map.of(key, value))).build();
  }

  static Pod withPriority(Pod pod, int priority) {
    return pod.toBuilder().spec(s -> s.priority(priority)).build();
  }

  static Pod on(Pod pod, String node) {
    return pod.toBuilder().spec(s -> s.nodeName(node)).build();
  }

  Given nodes(Node... nodes) {
    for (Node node : nodes) {
      cache.putNode(node);
    }
    return this;
  }

  Given running(Pod pod, String node) {
    cache.putPod(on(pod, node));
    return this;
  }

  SchedulingCycle.Decision decide(Pod pod) {
    SchedulingCycle.Decision decision =
        SchedulingCycle.decide(
            framework, new CycleState(), PodInfo.of(pod), cache.snapshot(), 0, start, random);
    start = decision.nextStart();
    return decision;
  }

  /** Places the pod and counts it there; the node's name, or why there is none. */
  String place(Pod pod) {
    return switch (decide(pod)) {
      case SchedulingCycle.Placed placed -> {
        cache.assume(PodInfo.of(pod), placed.node());
        yield placed.node();
      }
      case SchedulingCycle.Unschedulable no -> no.diagnosis().message("");
    };
  }

  /** The whole answer for a pod that fits nowhere, with what preemption has to say. */
  Plugin.PostFilterResult preempt(Pod pod) {
    CycleState state = new CycleState();
    Snapshot snapshot = cache.snapshot();
    PodInfo info = PodInfo.of(pod);
    if (SchedulingCycle.decide(framework, state, info, snapshot, 0, 0, random)
        instanceof SchedulingCycle.Unschedulable no) {
      return framework.postFilter(state, info, no.diagnosis(), snapshot);
    }
    throw new AssertionError(pod.metadata().name() + " fits");
  }

  /** The totals of the nodes' scores, as they would be for the pod. */
  Map<String, Long> scores(Pod pod, UnaryOperator<String> names) {
    CycleState state = new CycleState();
    Snapshot snapshot = cache.snapshot();
    PodInfo info = PodInfo.of(pod);
    framework.preFilter(state, info, snapshot);
    Map<String, Long> scores = new java.util.TreeMap<>();
    List<NodeInfo> nodes = snapshot.nodes();
    framework
        .score(state, info, nodes, snapshot)
        .forEach(scored -> scores.put(names.apply(scored.node().name()), scored.score()));
    return scores;
  }

  @Override
  public Selector defaultSelector(Pod pod) {
    return defaultSelector;
  }

  @Override
  public Map<String, String> namespaceLabels(String namespace) {
    return namespaces.stream()
        .filter(n -> n.metadata().name().equals(namespace))
        .findFirst()
        .map(n -> n.metadata().labels())
        .orElse(Map.of());
  }

  @Override
  public Collection<Namespace> namespaces() {
    return namespaces;
  }

  @Override
  public Collection<PodDisruptionBudget> disruptionBudgets() {
    return budgets;
  }

  @Override
  public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
    return claims.stream()
        .filter(c -> c.metadata().namespace().equals(namespace))
        .filter(c -> c.metadata().name().equals(name))
        .findFirst();
  }

  @Override
  public Collection<PersistentVolume> volumes() {
    return volumes;
  }

  @Override
  public Optional<PersistentVolume> volume(String name) {
    return volumes.stream().filter(v -> v.metadata().name().equals(name)).findFirst();
  }

  @Override
  public Optional<StorageClass> storageClass(String name) {
    return classes.stream().filter(c -> c.metadata().name().equals(name)).findFirst();
  }

  @Override
  public Optional<ImageSpread> image(String name) {
    return cache.image(name);
  }
}
