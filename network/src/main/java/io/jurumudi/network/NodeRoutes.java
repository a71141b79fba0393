package io.jurumudi.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAddress;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes to the pods of the other nodes: each node's range by way of its internal address, which
 * must be on a network of this node (upstream's host-gw). Routes within the cluster's range that
 * have a gateway are this object's; others it leaves alone. Works in the network namespace of the
 * thread that starts it; one thread of its own sleeps until a node changes.
 */
public final class NodeRoutes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeRoutes.class);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final String nodeName;
  private final Cidr clusterRange;
  private final InformerFactory informers;
  private final Informer<Node> nodes;
  private final RouteSocket route;
  private final Thread thread;

  @GuardedBy("this")
  private boolean changed = true;

  private NodeRoutes(String nodeName, Cidr clusterRange, InformerFactory informers) {
    this.nodeName = nodeName;
    this.clusterRange = clusterRange;
    this.informers = informers;
    nodes = informers.informer(Resources.NODES);
    route = RouteSocket.open();
    nodes.addHandler(
        new EventHandler<>() {
          @Override
          public void onAdd(Node node) {
            change();
          }

          @Override
          public void onUpdate(Node before, Node after) {
            // Heartbeats change a node often, its place hardly ever.
            if (!wanted(List.of(before)).equals(wanted(List.of(after)))) {
              change();
            }
          }

          @Override
          public void onDelete(Node node) {
            change();
          }
        });
    thread = Thread.ofVirtual().name("node-routes").unstarted(this::run);
  }

  public static NodeRoutes start(String nodeName, Cidr clusterRange, InformerFactory informers) {
    NodeRoutes r = new NodeRoutes(nodeName, clusterRange.network(), informers);
    r.thread.start();
    return r;
  }

  private synchronized void change() {
    changed = true;
    notifyAll();
  }

  private synchronized void awaitChange() throws InterruptedException {
    while (!changed) {
      wait();
    }
    changed = false;
  }

  private void run() {
    try {
      while (!informers.waitForSync(Duration.ofHours(1))) {
        log.warn("msg=\"nodes still not read\"");
      }
      while (true) {
        awaitChange();
        if (!apply()) {
          Thread.sleep(RETRY);
          change();
        }
      }
    } catch (InterruptedException e) {
      log.debug("msg=\"node routes end\"");
    }
  }

  /** Where the other nodes' pods are. */
  private Map<Cidr, InetAddress> wanted(Collection<Node> all) {
    Map<Cidr, InetAddress> routes = new HashMap<>();
    for (Node node : all) {
      String range = node.spec().podCIDR();
      if (node.metadata().name().equals(nodeName) || range.isEmpty()) {
        continue;
      }
      for (NodeAddress a : node.status().addresses()) {
        if (a.type().equals("InternalIP")) {
          try {
            Cidr to = Cidr.parse(range).network();
            InetAddress by = InetAddress.ofLiteral(a.address());
            if (to.isIpv4() == (by.getAddress().length == 4)) {
              routes.putIfAbsent(to, by);
            }
          } catch (IllegalArgumentException e) {
            log.warn(
                "msg=\"node skipped\" node={} error=\"{}\"",
                node.metadata().name(),
                e.getMessage());
          }
        }
      }
    }
    return routes;
  }

  /** False when a route could not be made yet. */
  private boolean apply() {
    Map<Cidr, InetAddress> wanted = wanted(nodes.list());
    Map<Cidr, Route> present = new LinkedHashMap<>();
    for (Route r : route.routes()) {
      if (r.gateway() != null && clusterRange.contains(r.destination().address())) {
        present.put(r.destination(), r);
      }
    }
    boolean all = true;
    for (Map.Entry<Cidr, Route> e : present.entrySet()) {
      if (!wanted.containsKey(e.getKey())) {
        route.delete(e.getValue());
        log.info("msg=\"route removed\" to={}", e.getKey());
      }
    }
    for (Map.Entry<Cidr, InetAddress> e : wanted.entrySet()) {
      Route before = present.get(e.getKey());
      if (before != null && e.getValue().equals(before.gateway())) {
        continue;
      }
      try {
        route.replace(Route.via(e.getKey(), e.getValue()));
        log.info("msg=\"route made\" to={} by={}", e.getKey(), e.getValue().getHostAddress());
      } catch (LinuxException x) {
        log.warn("msg=\"no route\" to={} error=\"{}\"", e.getKey(), x.getMessage());
        all = false;
      }
    }
    return all;
  }

  /** Ends the updates; the routes stay. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    route.close();
  }
}
