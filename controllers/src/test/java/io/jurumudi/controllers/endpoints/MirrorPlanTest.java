package io.jurumudi.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.EndpointPort;
import io.jurumudi.api.core.v1.EndpointSubset;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MirrorPlanTest {
  private static final Service SERVICE =
      Service.builder().metadata(m -> m.name("db").namespace("default").uid("s")).build();

  private static Endpoints endpoints(String... addresses) {
    return Endpoints.builder()
        .metadata(m -> m.name("db").namespace("default").uid("e").labels(Map.of("team", "a")))
        .subsets(
            List.of(
                EndpointSubset.builder()
                    .addresses(
                        Arrays.stream(addresses)
                            .map(a -> EndpointAddress.builder().ip(a).build())
                            .toList())
                    .ports(List.of(EndpointPort.builder().name("sql").port(5432).build()))
                    .build()))
        .build();
  }

  private static MirrorPlan plan(Endpoints endpoints, List<EndpointSlice> present) {
    return MirrorPlan.of(Optional.of(SERVICE), Optional.of(endpoints), present);
  }

  @Test
  void mirrorsEachFamilyOfAddressesAndThenOnlyChanges() {
    List<EndpointSlice> made = plan(endpoints("192.0.2.1", "2001:db8::1"), List.of()).create();
    assertThat(made)
        .extracting(EndpointSlice::addressType)
        .containsExactlyInAnyOrder("IPv4", "IPv6");
    assertThat(made.getFirst().metadata().labels())
        .containsEntry("team", "a")
        .containsEntry(EndpointSlicePlan.SERVICE_NAME, "db")
        .containsEntry(EndpointSlicePlan.MANAGED_BY, MirrorPlan.CONTROLLER);
    List<EndpointSlice> named =
        made.stream()
            .map(s -> s.toBuilder().metadata(m -> m.name("db-" + s.addressType())).build())
            .toList();
    MirrorPlan same = plan(endpoints("192.0.2.1", "2001:db8::1"), named);
    assertThat(same.create()).isEmpty();
    assertThat(same.update()).isEmpty();
    MirrorPlan changed = plan(endpoints("192.0.2.1", "192.0.2.2"), named);
    assertThat(changed.update()).hasSize(1);
    assertThat(changed.delete()).extracting(EndpointSlice::addressType).containsExactly("IPv6");
  }

  @Test
  void leavesThoseAloneThatOthersMakeSlicesFor() {
    Service selecting = SERVICE.toBuilder().spec(s -> s.selector(Map.of("app", "db"))).build();
    Endpoints endpoints = endpoints("192.0.2.1");
    List<EndpointSlice> made = plan(endpoints, List.of()).create();
    assertThat(MirrorPlan.of(Optional.of(selecting), Optional.of(endpoints), made).delete())
        .hasSize(1);
    assertThat(MirrorPlan.of(Optional.empty(), Optional.of(endpoints), made).delete()).hasSize(1);
    Endpoints skipped =
        endpoints.toBuilder()
            .metadata(m -> m.labels(Map.of("endpointslice.kubernetes.io/skip-mirror", "true")))
            .build();
    assertThat(plan(skipped, List.of()).create()).isEmpty();
  }
}
