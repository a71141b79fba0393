package io.jurumudi.network.proxy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.linux.Conntrack;
import io.jurumudi.linux.Errno;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.NftElement;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.NftTransaction;
import io.jurumudi.linux.NftValue;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the services' table of this node as Services and EndpointSlices want it. One thread sleeps
 * until something changes, then puts all that has changed meanwhile into one transaction. It owns
 * the table; the set of changed services is guarded by this object's lock. Works in the network
 * namespace of the thread that starts it.
 *
 * <p>The table stays when the proxy ends, so that traffic flows while it restarts.
 */
public final class ServiceProxy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceProxy.class);
  private static final String BY_SERVICE = "service";
  private static final String SERVICE_NAME_LABEL = "kubernetes.io/service-name";
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int UDP = 17;

  private final ProxyConfig config;
  private final InformerFactory informers;
  private final Informer<Service> services;
  private final Informer<EndpointSlice> slices;
  private final ServicePlanner planner;
  private final ServiceTable table;
  private final NftSocket nft;
  private final Conntrack conntrack;
  private final CountDownLatch firstSync = new CountDownLatch(1);
  private final Thread thread;

  @GuardedBy("this")
  private final Set<ObjectKey> changed = new LinkedHashSet<>();

  private ServiceProxy(ProxyConfig config, InformerFactory informers) {
    this.config = config;
    this.informers = informers;
    services = informers.informer(Resources.SERVICES);
    slices = informers.informer(Resources.ENDPOINTSLICES);
    planner = new ServicePlanner(config.nodeName());
    table = new ServiceTable(config);
    nft = NftSocket.open();
    conntrack = Conntrack.open();
    slices.addIndex(
        BY_SERVICE,
        s -> {
          String name = s.metadata().labels().get(SERVICE_NAME_LABEL);
          return name == null ? List.of() : List.of(s.metadata().namespace() + "/" + name);
        });
    services.addHandler(EventHandler.of(s -> change(ObjectKey.of(s))));
    slices.addHandler(
        new EventHandler<>() {
          @Override
          public void onAdd(EndpointSlice slice) {
            change(slice);
          }

          @Override
          public void onUpdate(EndpointSlice before, EndpointSlice after) {
            change(before);
            change(after);
          }

          @Override
          public void onDelete(EndpointSlice slice) {
            change(slice);
          }
        });
    thread = Thread.ofVirtual().name("service-proxy").unstarted(this::run);
  }

  /**
   * Starts; returns at once. The informers are started by their owner.
   *
   * @throws LinuxException when the route for services cannot be made
   */
  public static ServiceProxy start(ProxyConfig config, InformerFactory informers) {
    makeReachable(config);
    ServiceProxy proxy = new ServiceProxy(config, informers);
    proxy.thread.start();
    return proxy;
  }

  /** Lets this node's own programs reach services, and node ports on 127.0.0.1. */
  private static void makeReachable(ProxyConfig config) {
    try (RouteSocket route = RouteSocket.open()) {
      // Without a route a connection fails before its destination can be translated. Where it
      // leads does not matter, since the translated packet is routed anew; loopback is always
      // there, and what is not translated is refused.
      route.replace(
          new Route(
              config.serviceRange().network(),
              null,
              config.sourceAddress(),
              route.link("lo").orElseThrow().index(),
              Route.Type.UNICAST));
      Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
      Files.writeString(Path.of("/proc/sys/net/ipv4/conf/all/route_localnet"), "1");
    } catch (IOException e) {
      log.warn("msg=\"node ports do not answer on 127.0.0.1\" error=\"{}\"", e.getMessage());
    }
  }

  /** Waits until the services that were there at the start are in the table. */
  public boolean awaitSync(Duration timeout) throws InterruptedException {
    return firstSync.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void change(EndpointSlice slice) {
    String name = slice.metadata().labels().get(SERVICE_NAME_LABEL);
    if (name != null) {
      change(new ObjectKey(slice.metadata().namespace(), name));
    }
  }

  private synchronized void change(ObjectKey service) {
    changed.add(service);
    notifyAll();
  }

  /** Sleeps until something has changed. */
  private synchronized Set<ObjectKey> take() throws InterruptedException {
    while (changed.isEmpty()) {
      wait();
    }
    Set<ObjectKey> taken = new LinkedHashSet<>(changed);
    changed.clear();
    return taken;
  }

  private void run() {
    try {
      while (!informers.waitForSync(Duration.ofHours(1))) {
        log.warn("msg=\"services still not read\"");
      }
      boolean whole = true;
      while (true) {
        Set<ObjectKey> keys = whole ? Set.of() : take();
        try {
          if (whole) {
            replace();
            whole = false;
            firstSync.countDown();
          } else {
            apply(keys);
          }
        } catch (RuntimeException e) {
          log.error("msg=\"services not updated, starting over\" error=\"{}\"", e.toString(), e);
          whole = true;
          Thread.sleep(RETRY);
        }
      }
    } catch (InterruptedException e) {
      log.debug("msg=\"service proxy ends\"");
    }
  }

  private void replace() {
    Map<String, ServiceRules> all = new HashMap<>();
    for (Service s : services.list()) {
      ServiceRules rules = plan(s);
      if (!rules.equals(ServiceRules.NONE)) {
        all.put(ObjectKey.of(s).toString(), rules);
      }
    }
    nft.commit(table.replace(all));
    log.info(
        "msg=\"services in place\" table={} count={}", config.names().serviceTable(), all.size());
  }

  private void apply(Collection<ObjectKey> keys) {
    Map<String, ServiceRules> before = new HashMap<>();
    Map<String, ServiceRules> changes = new HashMap<>();
    for (ObjectKey key : keys) {
      ServiceRules was = table.rules(key.toString());
      ServiceRules now = services.get(key).map(this::plan).orElse(ServiceRules.NONE);
      if (!was.equals(now)) {
        before.put(key.toString(), was);
        changes.put(key.toString(), now);
      }
    }
    if (changes.isEmpty()) {
      return;
    }
    NftTransaction t = table.change(changes);
    nft.commit(t);
    log.debug("msg=\"services changed\" count={}", changes.size());
    changes.forEach((key, now) -> forget(before.getOrDefault(key, ServiceRules.NONE), now));
  }

  private ServiceRules plan(Service s) {
    return planner.plan(s, slices.byIndex(BY_SERVICE, ObjectKey.of(s).toString()));
  }

  /** Clients must not go on to targets that are gone: by affinity, or by an old UDP flow. */
  private void forget(ServiceRules before, ServiceRules now) {
    now.chains()
        .values()
        .forEach(
            rules ->
                rules.forEach(
                    r -> {
                      if (r instanceof RuleSpec.Spread s && !s.affinity().isEmpty()) {
                        forgetAffinity(s);
                      }
                    }));
    Set<Target> live = new HashSet<>();
    now.datagrams().forEach(d -> live.addAll(d.targets()));
    for (ServiceRules.Datagrams d : before.datagrams()) {
      Set<Target> gone = new HashSet<>(d.targets());
      gone.removeAll(live);
      if (!gone.isEmpty()) {
        forgetFlows(d, gone);
      }
    }
  }

  private void forgetAffinity(RuleSpec.Spread spread) {
    Set<NftValue> live = new HashSet<>();
    spread.targets().forEach(t -> live.add(t.value()));
    for (NftElement e : nft.elements(config.names().serviceTable(), spread.affinity())) {
      if (live.contains(e.data())) {
        continue;
      }
      try {
        nft.commit(
            new NftTransaction(config.names().serviceTable())
                .deleteElements(spread.affinity(), List.of(NftElement.of(e.key()))));
      } catch (LinuxException x) {
        if (!x.is(Errno.ENOENT)) {
          throw x;
        }
      }
    }
  }

  private void forgetFlows(ServiceRules.Datagrams service, Set<Target> gone) {
    try {
      conntrack.delete(
          f ->
              f.protocol() == UDP
                  && (f.destinationPort() == service.port()
                      || f.destinationPort() == service.nodePort())
                  && gone.contains(new Target(f.answerer(), f.answererPort())));
    } catch (LinuxException e) {
      log.warn("msg=\"old UDP flows not forgotten\" error=\"{}\"", e.getMessage());
    }
  }

  /** Ends the updates; the table stays. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    nft.close();
    conntrack.close();
  }
}
