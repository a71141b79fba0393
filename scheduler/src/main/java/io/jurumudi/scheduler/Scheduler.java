package io.jurumudi.scheduler;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.SchedulingCycle;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import io.jurumudi.scheduler.plugins.DefaultProfile;
import io.jurumudi.scheduler.queue.QueuedPod;
import io.jurumudi.scheduler.queue.SchedulingQueue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running scheduler. One thread takes pods from the queue and decides; what a decision asks of
 * the server (binding, evicting, telling) is done by tasks of the executor, so that the next pod
 * need not wait for it.
 *
 * <p>Owner of {@link #start}: the deciding thread.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
  private static final Duration SYNC_LOG_INTERVAL = Duration.ofSeconds(30);

  /** The most that an event's note may hold; longer ones are cut. */
  private static final int MAX_NOTE = 1024;

  private static final String NO_NODES = "no nodes available to schedule pods";

  private final SchedulerConfig config;
  private final InformerFactory informers;
  private final Informer<Pod> pods;
  private final SchedulerCache cache = new SchedulerCache();
  private final Nominations nominations = new Nominations();
  private final Framework framework;
  private final SchedulingQueue queue;
  private final PodStatusWriter status;
  private final PodEvictor evictor;
  private final EventRecorder recorder;
  private final Thread decider;
  private int start;

  private Scheduler(SchedulerConfig config) {
    this.config = config;
    Client client = config.client();
    this.informers = new InformerFactory(client, config.executor());
    this.pods =
        informers.informer(Resources.PODS, "", "status.phase!=Succeeded,status.phase!=Failed", "");
    this.framework =
        DefaultProfile.of(
            config.schedulerName(),
            new InformerClusterView(informers, cache),
            nominations::before,
            new DefaultBinder(client),
            new InformerClaimBinder(client, informers, pods));
    this.queue = new SchedulingQueue(framework, config.clock());
    this.status = new PodStatusWriter(client, config.clock());
    this.recorder =
        new EventRecorder(client, config.schedulerName(), "", config.clock(), config.executor());
    this.evictor = new PodEvictor(client, status, recorder, config.schedulerName());
    pods.addHandler(new PodEvents(config.schedulerName(), cache, queue, nominations));
    Informer<Node> nodes = informers.informer(Resources.NODES);
    nodes.addHandler(new NodeEvents(cache, queue));
    Informer<Namespace> namespaces = informers.informer(Resources.NAMESPACES);
    namespaces.addHandler(
        EventHandler.of(n -> queue.happened(new ClusterEvent.NamespaceChanged(n))));
    informers
        .informer(Resources.PERSISTENTVOLUMECLAIMS)
        .addHandler(EventHandler.of(c -> queue.happened(new ClusterEvent.ClaimChanged(c))));
    informers
        .informer(Resources.PERSISTENTVOLUMES)
        .addHandler(EventHandler.of(v -> queue.happened(new ClusterEvent.VolumeChanged(v))));
    informers
        .informer(Resources.STORAGECLASSES)
        .addHandler(EventHandler.of(c -> queue.happened(new ClusterEvent.StorageClassChanged(c))));
    this.decider = Thread.ofVirtual().name("scheduler").unstarted(this::run);
  }

  /** Starts the default scheduler on virtual threads. */
  public static Scheduler start(Client client, InstantSource clock) {
    return start(
        SchedulerConfig.of(
            client, clock, Thread::startVirtualThread, RandomGenerator.getDefault()));
  }

  /** Starts a scheduler; it begins to decide when it has seen the whole cluster. */
  public static Scheduler start(SchedulerConfig config) {
    Scheduler scheduler = new Scheduler(config);
    scheduler.informers.start();
    scheduler.decider.start();
    return scheduler;
  }

  /** Stops deciding. Bindings under way are finished by their tasks. */
  @Override
  public void close() {
    queue.close();
    decider.interrupt();
    informers.close();
    boolean interrupted = false;
    while (decider.isAlive()) {
      try {
        decider.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!informers.waitForSync(SYNC_LOG_INTERVAL)) {
        log.warn("still waiting for the first look at the cluster");
      }
      for (Optional<QueuedPod> next = queue.pop(); next.isPresent(); next = queue.pop()) {
        QueuedPod pod = next.get();
        try {
          schedule(pod);
        } catch (RuntimeException e) {
          log.error("scheduling failed pod={}", pod.info(), e);
          accident(pod, "a defect of the scheduler: " + e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void schedule(QueuedPod queued) {
    PodInfo pod = queued.info();
    if (pod.pod().metadata().deletionTimestamp() != null) {
      recorder.event(
          pod.pod(),
          "Warning",
          "FailedScheduling",
          "skip schedule deleting pod: " + pod.namespace() + "/" + pod.name());
      queue.done(queued);
      return;
    }
    if (cache.isAssumed(pod.uid())) {
      queue.done(queued);
      return;
    }
    Snapshot snapshot = cache.snapshot();
    if (snapshot.nodes().isEmpty()) {
      reject(queued, allPlugins(), NO_NODES, Optional.empty());
      return;
    }
    CycleState state = new CycleState();
    SchedulingCycle.Decision decision =
        SchedulingCycle.decide(
            framework,
            state,
            pod,
            snapshot,
            config.percentageOfNodesToScore(),
            start,
            config.random());
    start = decision.nextStart();
    switch (decision) {
      case SchedulingCycle.Placed placed -> place(queued, state, placed.node());
      case SchedulingCycle.Unschedulable unschedulable -> {
        Plugin.PostFilterResult post =
            framework.postFilter(state, pod, unschedulable.diagnosis(), snapshot);
        Optional<String> nomination = post.clear() ? Optional.of("") : post.nominatedNode();
        post.nominatedNode().ifPresent(node -> preempt(pod, node, post.victims()));
        reject(
            queued,
            unschedulable.diagnosis().plugins(),
            unschedulable.diagnosis().message(post.message()),
            nomination);
      }
    }
  }

  private void place(QueuedPod queued, CycleState state, String node) {
    PodInfo pod = queued.info();
    cache.assume(pod, node);
    nominations.remove(pod.uid());
    Status permitted = framework.reserveAndPermit(state, pod, node);
    if (!permitted.isSuccess()) {
      cache.forget(pod.uid());
      reject(queued, Set.of(permitted.plugin()), permitted.message(), Optional.empty());
      return;
    }
    config.executor().execute(() -> bind(queued, state, node));
  }

  private void bind(QueuedPod queued, CycleState state, String node) {
    PodInfo pod = queued.info();
    String problem;
    Set<String> rejectors = Set.of();
    try {
      Status bound = framework.bind(state, pod, node);
      if (bound.isSuccess()) {
        queue.done(queued);
        recorder.event(
            pod.pod(),
            "Normal",
            "Scheduled",
            "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
        return;
      }
      problem = bound.message();
      rejectors = Set.of(bound.plugin());
    } catch (RuntimeException e) {
      problem = "binding rejected: " + e.getMessage();
      if (!(e instanceof ApiException)) {
        log.error("binding failed pod={} node={}", pod, node, e);
      }
    }
    framework.unreserve(state, pod, node);
    cache.forget(pod.uid());
    queue.happened(new ClusterEvent.AssignedPodDeleted(pod.pod()));
    if (rejectors.isEmpty()) {
      accident(queued, problem);
    } else {
      reject(queued, rejectors, problem, Optional.empty());
    }
  }

  private void preempt(PodInfo pod, String node, List<PodInfo> victims) {
    nominations.put(pod, node);
    List<PodInfo> lesser = nominations.after(node, pod);
    lesser.forEach(other -> nominations.remove(other.uid()));
    config
        .executor()
        .execute(
            () -> {
              victims.forEach(victim -> evictor.evict(victim.pod(), pod, node));
              lesser.forEach(other -> evictor.clearNomination(other.pod()));
            });
  }

  private void reject(
      QueuedPod queued, Set<String> rejectors, String message, Optional<String> nomination) {
    fail(queued, rejectors, "Unschedulable", message, nomination);
  }

  /** Something went wrong that has nothing to do with the pod: it is tried again after a while. */
  private void accident(QueuedPod queued, String message) {
    fail(queued, Set.of(), "SchedulerError", message, Optional.empty());
  }

  private void fail(
      QueuedPod queued,
      Set<String> rejectors,
      String reason,
      String message,
      Optional<String> nomination) {
    PodInfo tried = queued.info();
    Optional<Pod> present =
        pods.get(tried.namespace(), tried.name())
            .filter(pod -> pod.metadata().uid().equals(tried.uid()) && !PodEvents.isAssigned(pod));
    if (present.isEmpty()) {
      queue.done(queued);
      return;
    }
    queue.requeue(queued, rejectors);
    Pod pod = present.get();
    log.debug("no place pod={} reason=\"{}\"", tried, message);
    recorder.event(pod, "Warning", "FailedScheduling", shortened(message));
    config
        .executor()
        .execute(
            () -> {
              try {
                status.write(
                    pod,
                    PodCondition.builder()
                        .type("PodScheduled")
                        .status("False")
                        .reason(reason)
                        .message(message)
                        .build(),
                    nomination);
              } catch (ApiException e) {
                log.warn("pod status not written pod={} cause=\"{}\"", tried, e.getMessage());
              }
            });
  }

  private Set<String> allPlugins() {
    return framework.plugins().stream().map(Plugin::name).collect(Collectors.toSet());
  }

  private static String shortened(String message) {
    return message.length() <= MAX_NOTE
        ? message
        : message.substring(0, MAX_NOTE - " ...".length()) + " ...";
  }
}
