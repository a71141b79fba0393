package io.jurumudi.kubelet.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.coordination.v1.Lease;
import io.jurumudi.api.coordination.v1.LeaseSpec;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeStatus;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node in the API: registers it, writes its status when it changed and every five
 * minutes, and renews its lease every ten seconds, which is how the control plane knows that it
 * lives. One thread of its own; what others set is guarded by {@code lock}.
 */
public final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
  private static final String LEASES = "kube-node-lease";
  private static final Duration BEAT = Duration.ofSeconds(10);
  private static final Duration REPORT = Duration.ofMinutes(5);
  private static final Duration FIRST_RETRY = Duration.ofMillis(50);
  private static final Duration LAST_RETRY = Duration.ofSeconds(7);
  private static final int LEASE_SECONDS = 40;

  private final Client client;
  private final Supplier<NodeFacts> facts;
  private final EventRecorder recorder;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();

  @GuardedBy("lock")
  private boolean changed;

  @GuardedBy("lock")
  private boolean closed;

  private volatile @Nullable Node node;
  private @Nullable Lease lease;
  private @Nullable Instant reported;
  private boolean told;

  /**
   * @param facts as they are now; may read files
   */
  public NodeAgent(Client client, Supplier<NodeFacts> facts, EventRecorder recorder, Clock clock) {
    this.client = client;
    this.facts = facts;
    this.recorder = recorder;
    this.clock = clock;
  }

  public void start(Executor executor) {
    executor.execute(this::run);
  }

  /** The node as last written or read; empty before it is registered. */
  public Optional<Node> node() {
    return Optional.ofNullable(node);
  }

  /** The node as the API server has it now; else as last known. */
  public Optional<Node> read() {
    Node known = node;
    if (known == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(client.resource(Resources.NODES).get("", known.metadata().name()));
    } catch (ApiException e) {
      return Optional.of(known);
    }
  }

  /** Something of the node's status may have changed: look at once. */
  public void changed() {
    lock.lock();
    try {
      changed = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    Duration retry = FIRST_RETRY;
    while (true) {
      Duration pause = BEAT;
      try {
        if (node == null) {
          register();
        }
        report();
        renew();
        retry = FIRST_RETRY;
      } catch (ApiException e) {
        LOG.warn("msg=\"cannot update the node\" err=\"{}\" retry={}", e.getMessage(), retry);
        pause = retry;
        retry = retry.multipliedBy(2);
        if (retry.compareTo(LAST_RETRY) > 0) {
          retry = LAST_RETRY;
        }
      } catch (RuntimeException e) {
        LOG.error("msg=\"node agent failed, will try again\"", e);
      }
      if (!sleep(pause)) {
        return;
      }
    }
  }

  /** Returns false when closed. */
  private boolean sleep(Duration pause) {
    lock.lock();
    try {
      long nanos = pause.toNanos();
      while (!closed && !changed && nanos > 0) {
        nanos = wake.awaitNanos(nanos);
      }
      changed = false;
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void register() {
    NodeFacts now = facts.get();
    Node initial = Nodes.initial(now);
    Node registered;
    try {
      registered = client.resource(Resources.NODES).create(initial);
    } catch (ApiException e) {
      if (!e.isAlreadyExists()) {
        throw e;
      }
      registered = client.resource(Resources.NODES).get("", now.name());
      Map<String, String> labels = new TreeMap<>(registered.metadata().labels());
      labels.putAll(Nodes.labels(now));
      if (!labels.equals(registered.metadata().labels())) {
        registered =
            client
                .resource(Resources.NODES)
                .edit(
                    "",
                    now.name(),
                    n -> n.withMetadata(n.metadata().toBuilder().labels(labels).build()));
      }
    }
    node = registered;
    LOG.info("msg=\"node registered\" node={}", now.name());
  }

  private void report() {
    Node known = node;
    if (known == null) {
      return;
    }
    NodeFacts now = facts.get();
    NodeStatus next = Nodes.status(now, known.status());
    boolean due = reported == null || !clock.instant().isBefore(reported.plus(REPORT));
    if (!due && !Nodes.differ(next, known.status())) {
      return;
    }
    try {
      node =
          client
              .resource(Resources.NODES)
              .editStatus(
                  "", now.name(), n -> n.toBuilder().status(Nodes.status(now, n.status())).build());
    } catch (ApiException e) {
      if (e.isNotFound()) {
        // Somebody deleted the node, but here it is.
        node = null;
      }
      throw e;
    }
    reported = clock.instant();
    tellReadiness(known, now);
  }

  private void tellReadiness(Node before, NodeFacts now) {
    boolean ready = now.problems().isEmpty();
    boolean was =
        told
            || before.status().conditions().stream()
                .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
    if (ready != was) {
      String reason = ready ? "NodeReady" : "NodeNotReady";
      recorder.event(
          ObjectReference.builder()
              .apiVersion("v1")
              .kind("Node")
              .name(now.name())
              .uid(now.name())
              .build(),
          "Normal",
          reason,
          "Node " + now.name() + " status is now: " + reason);
    }
    told = ready;
  }

  private void renew() {
    Node owner = node;
    if (owner == null) {
      return;
    }
    String name = owner.metadata().name();
    Lease known = lease;
    if (known == null) {
      known = client.resource(Resources.LEASES).find(LEASES, name).orElse(null);
    }
    LeaseSpec spec =
        LeaseSpec.builder()
            .holderIdentity(name)
            .leaseDurationSeconds(LEASE_SECONDS)
            .renewTime(clock.instant())
            .build();
    try {
      if (known == null) {
        lease =
            client
                .resource(Resources.LEASES)
                .create(
                    Lease.builder()
                        .metadata(
                            ObjectMeta.builder()
                                .namespace(LEASES)
                                .name(name)
                                .ownerReferences(
                                    List.of(
                                        OwnerReference.builder()
                                            .apiVersion("v1")
                                            .kind("Node")
                                            .name(name)
                                            .uid(owner.metadata().uid())
                                            .build()))
                                .build())
                        .spec(spec)
                        .build());
      } else {
        lease = client.resource(Resources.LEASES).update(known.toBuilder().spec(spec).build());
      }
    } catch (ApiException e) {
      lease = null;
      // The lease goes with its node: see whether that is still there.
      reported = null;
      throw e;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
