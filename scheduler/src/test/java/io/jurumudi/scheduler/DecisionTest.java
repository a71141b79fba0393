package io.jurumudi.scheduler;

import static io.jurumudi.scheduler.Given.labelled;
import static io.jurumudi.scheduler.Given.node;
import static io.jurumudi.scheduler.Given.pod;
import static io.jurumudi.scheduler.Given.withPriority;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerImage;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Decisions on values: which node, or why none. The texts are upstream's. */
final class DecisionTest {
  private static Node zoned(String name, String zone) {
    return node(name, "4", "8Gi", Map.of("topology.kubernetes.io/zone", zone));
  }

  private static Node tainted(Node node, String effect) {
    return node.toBuilder()
        .spec(s -> s.taints(List.of(Taint.builder().key("t").value("v").effect(effect).build())))
        .build();
  }

  private static Pod spec(Pod pod, UnaryOperator<io.jurumudi.api.core.v1.PodSpec.Builder> change) {
    return pod.toBuilder().spec(change).build();
  }

  private static PodAffinityTerm term(String app, String topologyKey) {
    return PodAffinityTerm.builder()
        .labelSelector(s -> s.matchLabels(Map.of("app", app)))
        .topologyKey(topologyKey)
        .build();
  }

  @Test
  void whyThereIsNoPlaceIsSaidAsUpstreamSaysIt() {
    Node cordoned = node("d").toBuilder().spec(s -> s.unschedulable(true)).build();
    Given cluster =
        new Given()
            .nodes(node("a"), node("b", "1", "1Gi", Map.of()), tainted(node("c"), "NoSchedule"))
            .nodes(cordoned)
            .running(pod("x", "3", "1Gi"), "a");
    Pod big = pod("big", "2", "2Gi");
    assertThat(cluster.place(big))
        .isEqualTo(
            "0/4 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), "
                + "1 node(s) were unschedulable, 2 Insufficient cpu.");
    assertThat(cluster.preempt(big).message())
        .isEqualTo(
            "preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, "
                + "3 Preemption is not helpful for scheduling.");
    assertThat(cluster.preempt(spec(big, s -> s.preemptionPolicy("Never"))).message())
        .isEqualTo("preemption: not eligible due to preemptionPolicy=Never.");
  }

  @Test
  void podsGoWhereMostIsLeft() {
    Given cluster =
        new Given().nodes(node("a"), node("b"), node("c")).running(pod("x", "2", "4Gi"), "a");
    cluster.running(pod("y", "1", "2Gi"), "b");
    assertThat(cluster.place(pod("p", "500m", "1Gi"))).isEqualTo("c");
  }

  @Test
  void scoresAreThoseOfUpstream() {
    // LeastAllocated: a ((4000-1500)/4000 + (8192-3072)/8192 of 100)/2 = 62; b 87 and 87.
    // Balance: a 75 (both halves equal before and after), b 75. Taints: 3 × 100 each.
    Given cluster = new Given().nodes(node("a"), node("b")).running(pod("x", "1", "2Gi"), "a");
    assertThat(cluster.scores(pod("p", "500m", "1Gi"), name -> name))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", 300L + 62 + 75, "b", 300L + 87 + 75));
  }

  @Test
  void everyResourceCounts() {
    Node small =
        node("a").toBuilder()
            .status(
                s ->
                    s.allocatable(
                        Map.of(
                            "cpu", Quantity.parse("4"),
                            "memory", Quantity.parse("8Gi"),
                            "pods", Quantity.parse("2"),
                            "example.com/gpu", Quantity.parse("1"))))
            .build();
    Given cluster = new Given().nodes(small);
    Pod gpu =
        spec(
            pod("gpu"),
            s ->
                s.containers(
                    List.of(
                        Container.builder()
                            .name("c")
                            .resources(
                                r -> r.requests(Map.of("example.com/gpu", Quantity.parse("1"))))
                            .build())));
    assertThat(cluster.place(gpu)).isEqualTo("a");
    Pod second = gpu.toBuilder().metadata(m -> m.name("gpu2").uid("gpu2")).build();
    assertThat(cluster.place(second))
        .isEqualTo("0/1 nodes are available: 1 Insufficient example.com/gpu.");
    assertThat(cluster.place(pod("one"))).isEqualTo("a");
    assertThat(cluster.place(pod("two"))).isEqualTo("0/1 nodes are available: 1 Too many pods.");
  }

  @Test
  void initContainersAndSidecarsAreCountedAsTheyRun() {
    UnaryOperator<Container.Builder> cpu100 =
        c -> c.resources(r -> r.requests(Map.of("cpu", Quantity.parse("100m"))));
    Pod pod =
        spec(
            pod("p", "200m", "1Mi"),
            s ->
                s.initContainers(
                        List.of(
                            cpu100
                                .apply(Container.builder().name("sidecar").restartPolicy("Always"))
                                .build(),
                            Container.builder()
                                .name("init")
                                .resources(r -> r.requests(Map.of("cpu", Quantity.parse("400m"))))
                                .build()))
                    .overhead(Map.of("cpu", Quantity.parse("10m"))));
    PodInfo info = PodInfo.of(pod);
    assertThat(info.requests().milliCpu()).isEqualTo(510); // 100 + max(200, 400) + 10
    assertThat(info.nonZeroRequests().memory()).isEqualTo(2 * (200L << 20));
  }

  @Test
  void selectorsAndNodeAffinityAreHonoured() {
    Given cluster = new Given().nodes(zoned("a", "x"), zoned("b", "y"), zoned("c", "z"));
    Pod selecting = spec(pod("p"), s -> s.nodeSelector(Map.of("topology.kubernetes.io/zone", "y")));
    assertThat(cluster.place(selecting)).isEqualTo("b");
    Pod named =
        spec(
            pod("q"),
            s ->
                s.affinity(
                    a ->
                        a.nodeAffinity(
                            n ->
                                n.requiredDuringSchedulingIgnoredDuringExecution(
                                    r ->
                                        r.nodeSelectorTerms(
                                            List.of(
                                                NodeSelectorTerm.builder()
                                                    .matchFields(
                                                        List.of(
                                                            NodeSelectorRequirement.builder()
                                                                .key("metadata.name")
                                                                .operator("In")
                                                                .values(List.of("c"))
                                                                .build()))
                                                    .build()))))));
    assertThat(cluster.place(named)).isEqualTo("c");
    Pod nowhere =
        spec(pod("r"), s -> s.nodeSelector(Map.of("topology.kubernetes.io/zone", "nowhere")));
    assertThat(cluster.place(nowhere))
        .isEqualTo("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.");
  }

  @Test
  void taintsAreTolerated() {
    Given cluster =
        new Given().nodes(tainted(node("a"), "NoExecute"), tainted(node("b"), "PreferNoSchedule"));
    assertThat(cluster.place(pod("p"))).isEqualTo("b");
    Pod tolerant =
        spec(
            pod("q", "3500m", "7Gi"),
            s -> s.tolerations(List.of(Toleration.builder().key("t").operator("Exists").build())));
    cluster.running(pod("x", "2", "1Gi"), "b");
    assertThat(cluster.place(tolerant)).isEqualTo("a");
  }

  @Test
  void hostPortsAreTakenOnce() {
    Given cluster = new Given().nodes(node("a"), node("b"));
    assertThat(List.of(cluster.place(onPort("p", "")), cluster.place(onPort("q", "10.0.0.1"))))
        .containsExactlyInAnyOrder("a", "b");
    assertThat(cluster.place(onPort("r", "")))
        .isEqualTo(
            "0/2 nodes are available: "
                + "2 node(s) didn't have free ports for the requested pod ports.");
  }

  private static Pod onPort(String name, String ip) {
    return spec(
        pod(name),
        s ->
            s.containers(
                List.of(
                    Container.builder()
                        .name("c")
                        .ports(List.of(ContainerPort.builder().hostPort(80).hostIP(ip).build()))
                        .build())));
  }

  @Test
  void podsOfOneServiceAreSpreadByDefault() {
    Given cluster = new Given().nodes(node("a"), node("b"), node("c"));
    cluster.defaultSelector = Selector.ofLabels(Map.of("app", "web"));
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 9; i++) {
      counts.merge(cluster.place(labelled(pod("web-" + i), "app", "web")), 1, Integer::sum);
    }
    assertThat(counts).containsExactlyInAnyOrderEntriesOf(Map.of("a", 3, "b", 3, "c", 3));
  }

  @Test
  void spreadConstraintsHold() {
    Given cluster = new Given().nodes(zoned("a", "x"), zoned("b", "y"), node("c"));
    for (int i = 0; i < 4; i++) {
      assertThat(cluster.place(spreading("p" + i))).isIn("a", "b");
    }
    cluster.running(labelled(pod("more"), "app", "web"), "a");
    assertThat(cluster.place(spreading("next"))).isEqualTo("b");
    cluster.running(labelled(pod("more2"), "app", "web"), "a");
    cluster.running(labelled(pod("big", "4", "1Gi"), "app", "other"), "b");
    assertThat(cluster.place(spreading("none")))
        .isEqualTo(
            "0/3 nodes are available: 1 Insufficient cpu, "
                + "1 node(s) didn't match pod topology spread constraints, "
                + "1 node(s) didn't match pod topology spread constraints "
                + "(missing required label).");
  }

  private static Pod spreading(String name) {
    return spec(
        labelled(pod(name), "app", "web"),
        s ->
            s.topologySpreadConstraints(
                List.of(
                    TopologySpreadConstraint.builder()
                        .topologyKey("topology.kubernetes.io/zone")
                        .whenUnsatisfiable("DoNotSchedule")
                        .maxSkew(1)
                        .labelSelector(l -> l.matchLabels(Map.of("app", "web")))
                        .build())));
  }

  @Test
  void podsStayTogetherOrApart() {
    Given cluster = new Given().nodes(zoned("a", "x"), zoned("b", "y"), zoned("c", "y"));
    cluster.running(labelled(pod("db"), "app", "db"), "b");
    Pod near =
        spec(
            pod("near"),
            s ->
                s.affinity(
                    a ->
                        a.podAffinity(
                            p ->
                                p.requiredDuringSchedulingIgnoredDuringExecution(
                                    List.of(term("db", "topology.kubernetes.io/zone"))))));
    assertThat(cluster.place(near)).isIn("b", "c");
    Pod far = far("far", "db");
    assertThat(cluster.place(far)).isIn("a", "c");
    // The running pod's own wish counts as well.
    cluster.running(far("hermit", "web"), "a").running(far("hermit2", "web"), "b");
    cluster.running(far("hermit3", "web"), "c");
    assertThat(cluster.place(labelled(pod("web"), "app", "web")))
        .isEqualTo(
            "0/3 nodes are available: "
                + "3 node(s) didn't satisfy existing pods anti-affinity rules.");
    Pod lonely =
        spec(
            pod("lonely"),
            s ->
                s.affinity(
                    a ->
                        a.podAffinity(
                            p ->
                                p.requiredDuringSchedulingIgnoredDuringExecution(
                                    List.of(term("nobody", "kubernetes.io/hostname"))))));
    assertThat(cluster.place(lonely))
        .isEqualTo("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
    assertThat(cluster.place(labelled(lonely, "app", "nobody")))
        .as("the first of a series may begin anywhere")
        .isIn("a", "b", "c");
  }

  private static Pod far(String name, String from) {
    return spec(
        pod(name),
        s ->
            s.affinity(
                a ->
                    a.podAntiAffinity(
                        p ->
                            p.requiredDuringSchedulingIgnoredDuringExecution(
                                List.of(term(from, "kubernetes.io/hostname"))))));
  }

  @Test
  void preferencesTipTheScales() {
    Given cluster = new Given().nodes(node("a"), node("b"));
    cluster.running(labelled(pod("db", "1", "1Gi"), "app", "db"), "a");
    Pod drawn =
        spec(
            pod("p"),
            s ->
                s.affinity(
                    a ->
                        a.podAffinity(
                            p ->
                                p.preferredDuringSchedulingIgnoredDuringExecution(
                                    List.of(
                                        WeightedPodAffinityTerm.builder()
                                            .weight(50)
                                            .podAffinityTerm(term("db", "kubernetes.io/hostname"))
                                            .build())))));
    assertThat(cluster.place(drawn)).isEqualTo("a");
  }

  @Test
  void imagesDrawPods() {
    Node with =
        node("b").toBuilder()
            .status(
                s ->
                    s.images(
                        List.of(
                            ContainerImage.builder()
                                .names(List.of("web:1"))
                                .sizeBytes(900L << 20)
                                .build())))
            .build();
    Given cluster = new Given().nodes(node("a"), with, node("c"));
    assertThat(cluster.place(pod("p"))).isEqualTo("b");
  }

  @Test
  void preemptionTakesTheFewestAndLeastImportant() {
    Given cluster = new Given().nodes(node("a"), node("b"), node("c"));
    cluster.running(withPriority(pod("a1", "3", "1Gi"), 5), "a");
    cluster.running(withPriority(pod("b1", "2", "1Gi"), 1), "b");
    cluster.running(withPriority(pod("b2", "1", "1Gi"), 3), "b");
    cluster.running(withPriority(pod("c1", "3", "1Gi"), 100), "c");
    Pod important = withPriority(pod("p", "3", "1Gi"), 50);
    Plugin.PostFilterResult result = cluster.preempt(important);
    assertThat(result.nominatedNode()).contains("b");
    assertThat(result.victims()).extracting(PodInfo::name).containsExactly("b1");

    // Where room has been made, lesser pods must not slip in.
    cluster.cache.removePod("b1");
    cluster.nominations.put(PodInfo.of(important), "b");
    assertThat(cluster.place(withPriority(pod("thief", "2", "1Gi"), 2)))
        .isEqualTo("0/3 nodes are available: 3 Insufficient cpu.");
    assertThat(cluster.place(important.toBuilder().status(s -> s.nominatedNodeName("b")).build()))
        .isEqualTo("b");
  }

  @Test
  void preemptionSparesWhatBudgetsProtect() {
    Given cluster = new Given().nodes(node("a"), node("b"));
    cluster.running(labelled(withPriority(pod("a1", "3", "1Gi"), 1), "app", "db"), "a");
    cluster.running(withPriority(pod("b1", "3", "1Gi"), 2), "b");
    cluster.budgets.add(
        PodDisruptionBudget.builder()
            .metadata(m -> m.namespace("default").name("db"))
            .spec(s -> s.selector(l -> l.matchLabels(Map.of("app", "db"))))
            .build());
    assertThat(cluster.preempt(withPriority(pod("p", "3", "1Gi"), 50)).nominatedNode())
        .isEqualTo(Optional.of("b"));
  }
}
