package io.jurumudi.apiserver.admission;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ApiServerConfig.PortRange;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.validation.ServiceValidation;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gives services their addresses and node ports, none twice. What is taken is learnt from the
 * services that there are; nothing else is stored. The last rule in the chain, since what it takes
 * is given back only after it has finished.
 *
 * <p>All state belongs to this object's lock.
 */
public final class ServiceAllocation implements Admission {
  private static final String NONE = "None";

  private final ServerObjects objects;
  private final RandomGenerator random;
  private final Ipv4Range range;
  private final PortRange nodePorts;

  @GuardedBy("this")
  private final Set<String> addresses = new HashSet<>();

  @GuardedBy("this")
  private final Set<Integer> ports = new HashSet<>();

  @GuardedBy("this")
  private boolean known;

  public ServiceAllocation(
      ServerObjects objects, RandomGenerator random, String cidr, PortRange nodePorts) {
    this.objects = objects;
    this.random = random;
    this.range = Ipv4Range.of(cidr);
    this.nodePorts = nodePorts;
  }

  /** The address of the service through which pods reach the server. */
  public String firstAddress() {
    return range.address(1);
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.isFor(Resources.SERVICES)
        || !request.subresource().isEmpty()
        || !(object instanceof Service service)) {
      return object;
    }
    Service old = request.old() instanceof Service before ? before : null;
    synchronized (this) {
      learn();
      Taken undo = new Taken();
      try {
        ServiceSpec kept =
            listed(old == null ? service.spec() : Kept.from(service.spec(), old.spec()));
        List<FieldError> wrong = ServiceValidation.addresses(kept);
        if (!wrong.isEmpty()) {
          throw ApiException.invalid(Resources.SERVICES, service.metadata().name(), wrong);
        }
        ServiceSpec spec = families(withAddress(service, kept, old, undo));
        spec = withPorts(service, spec, old, undo);
        return service.toBuilder().spec(spec).build();
      } catch (ApiException e) {
        addresses.removeAll(undo.addresses);
        ports.removeAll(undo.ports);
        throw e;
      }
    }
  }

  /** The one address as the list of addresses, for clients that know only the one. */
  private static ServiceSpec listed(ServiceSpec spec) {
    return spec.clusterIP().isEmpty() || !spec.clusterIPs().isEmpty()
        ? spec
        : spec.toBuilder().clusterIPs(List.of(spec.clusterIP())).build();
  }

  @GuardedBy("this")
  private void learn() {
    if (known) {
      return;
    }
    for (Service service : objects.list(Resources.SERVICES, "")) {
      addresses.addAll(service.spec().clusterIPs());
      ports.addAll(nodePorts(service));
    }
    known = true;
  }

  private static boolean hasAddress(ServiceSpec spec) {
    return !spec.type().equals("ExternalName") && !spec.clusterIP().equals(NONE);
  }

  @GuardedBy("this")
  private ServiceSpec withAddress(
      Service service, ServiceSpec spec, @Nullable Service old, Taken undo) {
    ServiceSpec.Builder b = spec.toBuilder();
    if (spec.type().equals("ExternalName")) {
      return b.build();
    }
    String wanted =
        !spec.clusterIP().isEmpty()
            ? spec.clusterIP()
            : spec.clusterIPs().isEmpty() ? "" : spec.clusterIPs().getFirst();
    if (wanted.equals(NONE)) {
      return b.clusterIP(NONE).clusterIPs(List.of(NONE)).build();
    }
    if (old != null && !wanted.isEmpty() && wanted.equals(old.spec().clusterIP())) {
      return b.clusterIP(wanted).clusterIPs(List.of(wanted)).build();
    }
    String address = wanted;
    if (wanted.isEmpty()) {
      address = free(service);
    } else if (!range.contains(wanted)) {
      throw refuse(service, wanted, "the provided IP is not in the valid range");
    } else if (addresses.contains(wanted)) {
      throw refuse(service, wanted, "provided IP is already allocated");
    }
    String taken = address;
    addresses.add(taken);
    undo.addresses.add(taken);
    return b.clusterIP(taken).clusterIPs(List.of(taken)).build();
  }

  /** An address nobody has, from the upper part first: the lower is for those that ask by name. */
  @GuardedBy("this")
  private String free(Service service) {
    long size = range.size() - 1;
    long reserved = Math.min(Math.max(16, size / 16), 256);
    long offset = size > 2 * reserved ? reserved : 1;
    long count = size - offset;
    long start = count <= 0 ? 0 : random.nextLong(count);
    for (long i = 0; i < count; i++) {
      String address = range.address(offset + (start + i) % count);
      if (!addresses.contains(address)) {
        return address;
      }
    }
    for (long i = 1; i < offset; i++) {
      String address = range.address(i);
      if (!addresses.contains(address)) {
        return address;
      }
    }
    throw ApiException.internalError(
        "failed to allocate a serviceIP for " + service.metadata().name() + ": range is full");
  }

  private static ApiException refuse(Service service, String address, String why) {
    return ApiException.invalid(
        Resources.SERVICES,
        service.metadata().name(),
        List.of(
            FieldError.invalid(
                FieldPath.of("spec", "clusterIPs"),
                List.of(address),
                "failed to allocate IP " + address + ": " + why)));
  }

  private static ServiceSpec families(ServiceSpec spec) {
    if (spec.type().equals("ExternalName")) {
      return spec;
    }
    ServiceSpec.Builder b = spec.toBuilder();
    boolean anything = spec.clusterIP().equals(NONE) && spec.selector().isEmpty();
    if (spec.ipFamilyPolicy() == null) {
      b.ipFamilyPolicy(anything ? "RequireDualStack" : "SingleStack");
    }
    if (spec.ipFamilies().isEmpty()) {
      b.ipFamilies(anything ? List.of("IPv4", "IPv6") : List.of("IPv4"));
    }
    return b.build();
  }

  private static boolean wantsPorts(ServiceSpec spec) {
    return spec.type().equals("NodePort")
        || (spec.type().equals("LoadBalancer")
            && !Boolean.FALSE.equals(spec.allocateLoadBalancerNodePorts()));
  }

  @GuardedBy("this")
  private ServiceSpec withPorts(
      Service service, ServiceSpec spec, @Nullable Service old, Taken undo) {
    Set<Integer> own = old == null ? Set.of() : nodePorts(old);
    Set<Integer> used = new HashSet<>();
    spec.ports().forEach(p -> used.add(p.nodePort()));
    List<ServicePort> assigned = new ArrayList<>();
    boolean wants = wantsPorts(spec);
    for (int i = 0; i < spec.ports().size(); i++) {
      ServicePort p = spec.ports().get(i);
      int port = p.nodePort();
      if (port == 0 && wants) {
        port = freePort(service, used);
        used.add(port);
        take(port, undo);
      } else if (port != 0 && !own.contains(port) && !spec.type().equals("ClusterIP")) {
        if (port < nodePorts.first() || port > nodePorts.last()) {
          throw badPort(
              service,
              i,
              port,
              "provided port is not in the valid range. The range of valid ports is "
                  + nodePorts.first()
                  + "-"
                  + nodePorts.last());
        }
        if (ports.contains(port) && !sharedWithin(assigned, port)) {
          throw badPort(service, i, port, "provided port is already allocated");
        }
        take(port, undo);
      }
      assigned.add(port == p.nodePort() ? p : p.toBuilder().nodePort(port).build());
    }
    ServiceSpec.Builder b = spec.toBuilder().ports(assigned);
    if (spec.type().equals("LoadBalancer")
        && spec.externalTrafficPolicy().equals("Local")
        && spec.healthCheckNodePort() == 0) {
      int port = freePort(service, used);
      take(port, undo);
      b.healthCheckNodePort(port);
    }
    return b.build();
  }

  /** One port may serve two protocols of one service. */
  private static boolean sharedWithin(List<ServicePort> assigned, int port) {
    return assigned.stream().anyMatch(p -> p.nodePort() == port);
  }

  @GuardedBy("this")
  private void take(int port, Taken undo) {
    if (ports.add(port)) {
      undo.ports.add(port);
    }
  }

  @GuardedBy("this")
  private int freePort(Service service, Set<Integer> used) {
    int count = nodePorts.last() - nodePorts.first() + 1;
    int start = random.nextInt(count);
    for (int i = 0; i < count; i++) {
      int port = nodePorts.first() + (start + i) % count;
      if (!ports.contains(port) && !used.contains(port)) {
        return port;
      }
    }
    throw ApiException.internalError(
        "failed to allocate a nodePort for " + service.metadata().name() + ": range is full");
  }

  private static ApiException badPort(Service service, int index, int port, String why) {
    return ApiException.invalid(
        Resources.SERVICES,
        service.metadata().name(),
        List.of(
            FieldError.invalid(
                FieldPath.of("spec", "ports").index(index).child("nodePort"), (long) port, why)));
  }

  private static Set<Integer> nodePorts(Service service) {
    Set<Integer> all = new HashSet<>();
    for (ServicePort p : service.spec().ports()) {
      if (p.nodePort() != 0) {
        all.add(p.nodePort());
      }
    }
    if (service.spec().healthCheckNodePort() != 0) {
      all.add(service.spec().healthCheckNodePort());
    }
    return all;
  }

  @Override
  public void undo(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (object instanceof Service service && request.subresource().isEmpty()) {
      Service old = request.old() instanceof Service before ? before : null;
      release(service, old);
    }
  }

  @Override
  public void done(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (request.old() instanceof Service old && request.subresource().isEmpty()) {
      release(old, object instanceof Service service ? service : null);
    }
  }

  /** Gives back what the one has and the other has not. */
  private synchronized void release(Service one, @Nullable Service other) {
    Set<String> keptAddresses = other == null ? Set.of() : new HashSet<>(other.spec().clusterIPs());
    Set<Integer> keptPorts = other == null ? Set.of() : nodePorts(other);
    if (hasAddress(one.spec())) {
      for (String address : one.spec().clusterIPs()) {
        if (!keptAddresses.contains(address)) {
          addresses.remove(address);
        }
      }
    }
    for (Integer port : nodePorts(one)) {
      if (!keptPorts.contains(port)) {
        ports.remove(port);
      }
    }
  }

  /** What one call has taken so far. */
  private static final class Taken {
    private final Set<String> addresses = new HashSet<>();
    private final Set<Integer> ports = new HashSet<>();
  }

  /** What a service keeps of itself when an update says nothing about it. */
  private static final class Kept {
    private Kept() {}

    static ServiceSpec from(ServiceSpec updated, ServiceSpec old) {
      ServiceSpec.Builder b = updated.toBuilder();
      boolean samePolicy = updated.externalTrafficPolicy().equals(old.externalTrafficPolicy());
      if (updated.type().equals("ExternalName")) {
        if (samePolicy) {
          b.externalTrafficPolicy("");
        }
        boolean samePorts =
            updated.ports().stream()
                .allMatch(p -> old.ports().stream().anyMatch(o -> o.nodePort() == p.nodePort()));
        if (samePorts) {
          b.ports(updated.ports().stream().map(p -> p.toBuilder().nodePort(0).build()).toList());
        }
        return b.clusterIP("")
            .clusterIPs(List.of())
            .ipFamilies(List.of())
            .ipFamilyPolicy(null)
            .internalTrafficPolicy(null)
            .build();
      }
      if (updated.clusterIP().isEmpty()
          && updated.clusterIPs().isEmpty()
          && !old.type().equals("ExternalName")) {
        b.clusterIP(old.clusterIP()).clusterIPs(old.clusterIPs());
      } else if (!updated.clusterIP().isEmpty()
          && !updated.clusterIPs().isEmpty()
          && !updated.clusterIP().equals(updated.clusterIPs().getFirst())) {
        // The one that a client changed counts.
        b.clusterIPs(List.of(updated.clusterIP()));
      }
      List<ServicePort> ports = new ArrayList<>();
      boolean dropped = !old.type().equals(updated.type()) && updated.type().equals("ClusterIP");
      for (ServicePort p : updated.ports()) {
        int port = p.nodePort();
        if (dropped && old.ports().stream().anyMatch(o -> o.nodePort() == p.nodePort())) {
          port = 0;
        } else if (port == 0 && wantsPorts(updated)) {
          port =
              old.ports().stream()
                  .filter(o -> o.port() == p.port() && o.protocol().equals(p.protocol()))
                  .mapToInt(ServicePort::nodePort)
                  .findFirst()
                  .orElse(0);
        }
        ports.add(p.toBuilder().nodePort(port).build());
      }
      b.ports(ports);
      if (dropped && updated.externalIPs().isEmpty() && samePolicy) {
        b.externalTrafficPolicy("");
      }
      if (updated.type().equals("LoadBalancer") && updated.healthCheckNodePort() == 0) {
        b.healthCheckNodePort(old.healthCheckNodePort());
      }
      return b.build();
    }
  }
}
