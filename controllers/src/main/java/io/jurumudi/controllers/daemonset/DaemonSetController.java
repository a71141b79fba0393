package io.jurumudi.controllers.daemonset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.DaemonSetStatus;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.history.History;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.Backoff;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.OwnedPods;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.controllers.pods.Writes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Carries out {@link DaemonSetPlan}: deletes and creates pods, then writes the status. */
public final class DaemonSetController implements AutoCloseable {
  /** Upstream's bound on pods made or deleted in one go (BurstReplicas). */
  private static final int BURST = 250;

  /** A new generation begins without the failures of the one before. */
  private record Place(String uid, long generation, String node) {}

  private final Clock clock;
  private final Resource<DaemonSet> client;
  private final Informer<DaemonSet> sets;
  private final Informer<Pod> pods;
  private final Informer<Node> nodes;
  private final EventRecorder events;
  private final PodControl control;
  private final History history;
  private final Backoff<Place> failures =
      new Backoff<>(Duration.ofSeconds(1), Duration.ofMinutes(15));
  private final Controller<ObjectKey> controller;

  public DaemonSetController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.DAEMONSETS);
    sets = context.informers().informer(Resources.DAEMONSETS);
    pods = context.informers().informer(Resources.PODS);
    nodes = context.informers().informer(Resources.NODES);
    events = context.events("daemonset-controller");
    control = new PodControl(context, events);
    controller = new Controller<>("daemonset", this::reconcile, 2, clock);
    history = new History(context, Resources.DAEMONSETS, Revisions.HASH_LABEL, controller);
    OwnedPods.watch(context, Resources.DAEMONSETS, sets, set -> set.spec().selector(), controller);
    nodes.addHandler(
        new EventHandler<Node>() {
          @Override
          public void onAdd(Node node) {
            all();
          }

          @Override
          public void onUpdate(Node before, Node node) {
            if (!before.metadata().labels().equals(node.metadata().labels())
                || !before.spec().taints().equals(node.spec().taints())) {
              all();
            }
          }

          @Override
          public void onDelete(Node node) {
            all();
          }

          private void all() {
            sets.list().forEach(set -> controller.enqueue(ObjectKey.of(set)));
          }
        });
  }

  public void start() {
    controller.start(sets, pods, nodes, history.revisions());
  }

  private Result reconcile(ObjectKey key) {
    Optional<DaemonSet> found = sets.get(key);
    if (found.isEmpty()) {
      control.forget(key);
      history.forget(key);
      return Result.done();
    }
    DaemonSet set = found.get();
    LabelSelector selector = set.spec().selector();
    if (selector == null) {
      return Result.done();
    }
    if (!control.caughtUp(key) || !history.caughtUp(key)) {
      return Freshness.WAIT;
    }
    List<Pod> owned = control.claim(Resources.DAEMONSETS, set, selector, pod -> true, "");
    if (set.metadata().deletionTimestamp() != null) {
      return Result.done();
    }
    History.Present present =
        history.present(set, selector, set.spec().template(), set.status().collisionCount());
    String hash = present.revision().metadata().labels().getOrDefault(Revisions.HASH_LABEL, "");
    Instant now = clock.instant();
    DaemonSetPlan plan = DaemonSetPlan.of(set, owned, nodes.list(), hash, now);
    Optional<Duration> pause;
    try {
      pause = carryOut(set, plan, hash, now);
    } finally {
      writeStatus(set, plan.status().toBuilder().collisionCount(present.collisions()).build());
    }
    history.trim(
        present,
        Set.of(),
        set.spec().revisionHistoryLimit(),
        owned,
        r -> r.metadata().labels().getOrDefault(Revisions.HASH_LABEL, ""));
    return Stream.concat(
            pause.stream(), plan.nextLook().map(at -> Duration.between(now, at)).stream())
        .min(Duration::compareTo)
        .map(Result::requeueAfter)
        .orElse(Result.done());
  }

  /** When failed pods that have to wait may be deleted. */
  private Optional<Duration> carryOut(DaemonSet set, DaemonSetPlan plan, String hash, Instant now) {
    Optional<Duration> pause = Optional.empty();
    List<Pod> delete = new ArrayList<>(plan.delete());
    for (Pod pod : plan.finished()) {
      boolean failed = pod.status().phase().equals("Failed");
      if (failed) {
        // The kubelet may refuse the next one too: each try waits longer.
        Place place =
            new Place(set.metadata().uid(), set.metadata().generation(), pod.spec().nodeName());
        Optional<Duration> left = failures.left(place, now);
        if (left.isPresent()) {
          pause = pause.filter(p -> p.compareTo(left.get()) < 0).or(() -> left);
          continue;
        }
        failures.failed(place, now);
      }
      events.event(
          set,
          failed ? "Warning" : "Normal",
          failed ? "FailedDaemonPod" : "SucceededDaemonPod",
          "Found "
              + (failed ? "failed" : "succeeded")
              + " daemon pod "
              + pod.metadata().namespace()
              + "/"
              + pod.metadata().name()
              + " on node "
              + pod.spec().nodeName()
              + (failed ? ", will try to kill it" : ", will try to delete it"));
      delete.add(pod);
    }
    for (Pod pod : delete.subList(0, Math.min(BURST, delete.size()))) {
      control.delete(set, pod);
    }
    for (String node : plan.create().subList(0, Math.min(BURST, plan.create().size()))) {
      control.create(set, DaemonPods.of(set, node, hash));
    }
    return pause;
  }

  private void writeStatus(DaemonSet set, DaemonSetStatus status) {
    if (!status.equals(set.status())) {
      Writes.unlessOvertaken(() -> client.updateStatus(set.toBuilder().status(status).build()));
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
