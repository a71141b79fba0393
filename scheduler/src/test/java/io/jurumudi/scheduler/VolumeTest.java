package io.jurumudi.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.volumes.VolumeMatching;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pods go where their volumes are, or could be. */
final class VolumeTest {
  private final Given given = new Given().nodes(Given.node("a"), Given.node("b"));

  private static Pod using(String claim) {
    return Given.pod("p").toBuilder()
        .spec(
            s ->
                s.volumes(
                    List.of(
                        Volume.builder()
                            .name("data")
                            .persistentVolumeClaim(c -> c.claimName(claim))
                            .build())))
        .build();
  }

  private static PersistentVolumeClaim claim(String name, String mode) {
    return PersistentVolumeClaim.builder()
        .metadata(m -> m.namespace("default").name(name).uid(name))
        .spec(
            s ->
                s.storageClassName("late")
                    .accessModes(List.of(mode))
                    .resources(r -> r.requests(Map.of("storage", Quantity.parse("1Gi")))))
        .status(s -> s.phase("Pending"))
        .build();
  }

  private static PersistentVolumeClaim bound(PersistentVolumeClaim claim, String volume) {
    return claim.toBuilder()
        .metadata(m -> m.annotations(Map.of(VolumeMatching.BIND_COMPLETED, "yes")))
        .spec(s -> s.volumeName(volume))
        .build();
  }

  private static PersistentVolume volume(String name, String node, String size) {
    return PersistentVolume.builder()
        .metadata(m -> m.name(name).uid(name))
        .spec(
            s ->
                s.capacity(Map.of("storage", Quantity.parse(size)))
                    .accessModes(List.of("ReadWriteOnce"))
                    .storageClassName("late")
                    .nodeAffinity(
                        a ->
                            a.required(
                                NodeSelector.builder()
                                    .nodeSelectorTerms(
                                        List.of(
                                            NodeSelectorTerm.builder()
                                                .matchExpressions(
                                                    List.of(
                                                        NodeSelectorRequirement.builder()
                                                            .key("kubernetes.io/hostname")
                                                            .operator("In")
                                                            .values(List.of(node))
                                                            .build()))
                                                .build()))
                                    .build())))
        .status(s -> s.phase("Available"))
        .build();
  }

  private static StorageClass late(String provisioner) {
    return StorageClass.builder()
        .metadata(m -> m.name("late"))
        .provisioner(provisioner)
        .volumeBindingMode("WaitForFirstConsumer")
        .build();
  }

  @Test
  void followsABoundVolume() {
    given.volumes.add(volume("v", "b", "1Gi"));
    given.claims.add(bound(claim("c", "ReadWriteOnce"), "v"));

    assertThat(given.place(using("c"))).isEqualTo("b");
  }

  @Test
  void waitsForWhatIsMissing() {
    assertThat(given.place(using("c"))).contains("persistentvolumeclaim \"c\" not found");
    given.claims.add(claim("c", "ReadWriteOnce"));
    assertThat(given.place(using("c")))
        .contains("pod has unbound immediate PersistentVolumeClaims");
  }

  @Test
  void choosesTheNodeOfAFreeVolumeThatIsLargeEnough() {
    given.classes.add(late("kubernetes.io/no-provisioner"));
    given.claims.add(claim("c", "ReadWriteOnce"));
    given.volumes.add(volume("small", "a", "1Mi"));
    assertThat(given.place(using("c")))
        .contains("2 node(s) didn't find available persistent volumes to bind");

    given.volumes.add(volume("large", "b", "2Gi"));
    assertThat(given.place(using("c"))).isEqualTo("b");
  }

  @Test
  void anyNodeWillDoWhereVolumesCanBeMadeButForOneChosenBefore() {
    given.classes.add(late("example.com/maker"));
    given.claims.add(claim("c", "ReadWriteOnce"));
    assertThat(given.place(using("c"))).isIn("a", "b");

    given.claims.set(
        0,
        claim("c", "ReadWriteOnce").toBuilder()
            .metadata(m -> m.annotations(Map.of(VolumeMatching.SELECTED_NODE, "b")))
            .build());
    assertThat(given.place(using("c").toBuilder().metadata(m -> m.uid("q")).build()))
        .isEqualTo("b");
  }

  @Test
  void onePodAtATimeUsesAnExclusiveClaim() {
    given.volumes.add(volume("v", "b", "1Gi"));
    given.claims.add(bound(claim("c", "ReadWriteOncePod"), "v"));
    Pod first = using("c").toBuilder().metadata(m -> m.name("first").uid("first")).build();
    given.running(first, "b");

    assertThat(given.place(using("c")))
        .contains(
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod"
                + " access mode");
  }
}
