package io.jurumudi.machinery.volumes;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.resource.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class VolumeMatchingTest {
  private static final PersistentVolumeClaim CLAIM =
      PersistentVolumeClaim.builder()
          .metadata(m -> m.namespace("n").name("c").uid("u"))
          .spec(
              s ->
                  s.accessModes(List.of("ReadWriteOnce"))
                      .resources(r -> r.requests(Map.of("storage", Quantity.parse("1Gi")))))
          .build();

  private static PersistentVolume volume(String name, String size) {
    return PersistentVolume.builder()
        .metadata(m -> m.name(name))
        .spec(
            s ->
                s.capacity(Map.of("storage", Quantity.parse(size)))
                    .accessModes(List.of("ReadWriteOnce", "ReadOnlyMany")))
        .status(s -> s.phase("Available"))
        .build();
  }

  private static Optional<String> found(boolean onlySetAside, PersistentVolume... volumes) {
    return VolumeMatching.find(CLAIM, List.of(volumes), List.of(), v -> true, onlySetAside)
        .map(v -> v.metadata().name());
  }

  @Test
  void takesTheSmallestThatIsLargeEnough() {
    assertThat(found(false, volume("big", "3Gi"), volume("fit", "2Gi"), volume("small", "1Mi")))
        .contains("fit");
  }

  @Test
  void oneThatIsSetAsideComesFirst() {
    PersistentVolume reserved =
        volume("mine", "5Gi").toBuilder()
            .spec(s -> s.claimRef(r -> r.namespace("n").name("c")))
            .build();
    PersistentVolume other =
        volume("theirs", "1Gi").toBuilder()
            .spec(s -> s.claimRef(r -> r.namespace("n").name("c").uid("another")))
            .build();
    assertThat(found(false, volume("fit", "1Gi"), other, reserved)).contains("mine");
    assertThat(found(true, volume("fit", "1Gi"))).isEmpty();
  }

  @Test
  void classesModesAndAttributesMustAgree() {
    assertThat(
            found(
                false,
                volume("class", "1Gi").toBuilder().spec(s -> s.storageClassName("fast")).build(),
                volume("mode", "1Gi").toBuilder().spec(s -> s.volumeMode("Block")).build(),
                volume("attributes", "1Gi").toBuilder()
                    .spec(s -> s.volumeAttributesClassName("gold"))
                    .build(),
                volume("access", "1Gi").toBuilder()
                    .spec(s -> s.accessModes(List.of("ReadOnlyMany")))
                    .build()))
        .isEmpty();
  }

  @Test
  void aBindingSaysWhoMadeIt() {
    PersistentVolume bound = VolumeMatching.bind(volume("v", "1Gi"), CLAIM);
    assertThat(VolumeMatching.boundTo(bound, CLAIM)).isTrue();
    assertThat(bound.metadata().annotations())
        .containsEntry(VolumeMatching.BOUND_BY_CONTROLLER, "yes");
    assertThat(VolumeMatching.bind(bound, CLAIM)).isEqualTo(bound);

    PersistentVolume reserved =
        volume("v", "1Gi").toBuilder()
            .spec(s -> s.claimRef(r -> r.namespace("n").name("c")))
            .build();
    assertThat(VolumeMatching.bind(reserved, CLAIM).metadata().annotations()).isEmpty();
  }
}
