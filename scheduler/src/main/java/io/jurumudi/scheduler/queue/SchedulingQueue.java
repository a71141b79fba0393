package io.jurumudi.scheduler.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.queue.QueuedPod.Place;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pods without a node. An active one can be taken; one that has failed waits until something
 * happens that may help it, as the plugins that rejected it say, and then at least its back-off. A
 * gated one waits for its own change. What happens while a pod is under way is remembered for it,
 * so that no event falls between two attempts.
 *
 * <p>Owner: {@link #lock}.
 */
public final class SchedulingQueue {
  private static final Duration INITIAL_BACKOFF = Duration.ofSeconds(1);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

  /** After this time a pod is tried again even though nothing seems to have changed. */
  private static final Duration MAX_PARKED = Duration.ofMinutes(5);

  /** Events remembered for pods under way; when there are more, such pods are tried again. */
  private static final int MAX_EVENTS = 10_000;

  /** The order of priority, then of arrival: upstream's PrioritySort. */
  private static final Comparator<QueuedPod> PRIORITY =
      Comparator.<QueuedPod>comparingInt(pod -> pod.info().priority())
          .reversed()
          .thenComparing(pod -> pod.queuedAt)
          .thenComparingLong(pod -> pod.sequence);

  private final Framework framework;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Map<String, QueuedPod> pods = new HashMap<>();

  @GuardedBy("lock")
  private final TreeSet<QueuedPod> active = new TreeSet<>(PRIORITY);

  @GuardedBy("lock")
  private final TreeSet<QueuedPod> backoff =
      new TreeSet<>(
          Comparator.<QueuedPod, Instant>comparing(pod -> pod.backoffUntil)
              .thenComparingLong(pod -> pod.sequence));

  @GuardedBy("lock")
  private final TreeSet<QueuedPod> parked =
      new TreeSet<>(
          Comparator.<QueuedPod, Instant>comparing(pod -> pod.parkedAt)
              .thenComparingLong(pod -> pod.sequence));

  @GuardedBy("lock")
  private final Deque<ClusterEvent> events = new ArrayDeque<>();

  /** The number of the first remembered event. */
  @GuardedBy("lock")
  private long firstEvent;

  @GuardedBy("lock")
  private int inFlight;

  @GuardedBy("lock")
  private long sequence;

  @GuardedBy("lock")
  private boolean closed;

  public SchedulingQueue(Framework framework, InstantSource clock) {
    this.framework = framework;
    this.clock = clock;
  }

  public void add(Pod pod) {
    lock.lock();
    try {
      QueuedPod known = pods.get(pod.metadata().uid());
      if (known != null) {
        change(known, pod);
        return;
      }
      QueuedPod queued = new QueuedPod(PodInfo.of(pod), sequence++, clock.instant());
      pods.put(queued.info().uid(), queued);
      admit(queued);
    } finally {
      lock.unlock();
    }
  }

  /** The pod has changed, but still has no node. */
  public void update(Pod pod) {
    add(pod);
  }

  /** The pod is gone or has a node. */
  public void remove(String uid) {
    lock.lock();
    try {
      QueuedPod queued = pods.remove(uid);
      if (queued != null) {
        take(queued);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the most important active pod; empty when the queue is closed. */
  public Optional<QueuedPod> pop() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Instant now = clock.instant();
        release(now);
        if (!active.isEmpty()) {
          QueuedPod first = active.removeFirst();
          first.place = Place.IN_FLIGHT;
          first.attempts++;
          first.flightStart = firstEvent + events.size();
          inFlight++;
          return Optional.of(first);
        }
        Optional<Instant> next = nextRelease();
        if (next.isEmpty()) {
          changed.await();
        } else {
          long nanos = Math.max(1, Duration.between(now, next.get()).toNanos());
          changed.awaitNanos(nanos);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** The pod has a node, or need not be tried again. */
  public void done(QueuedPod pod) {
    lock.lock();
    try {
      land(pod);
      pods.remove(pod.info().uid(), pod);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The attempt failed: the pod waits.
   *
   * @param rejectors the plugins that rejected it; empty after an accident, which only asks for
   *     another attempt
   */
  public void requeue(QueuedPod pod, Set<String> rejectors) {
    lock.lock();
    try {
      boolean missedNothing =
          pod.flightStart >= firstEvent
              && events.stream()
                  .skip(pod.flightStart - firstEvent)
                  .noneMatch(event -> helps(pod.info(), rejectors, event));
      if (!land(pod) || pods.get(pod.info().uid()) != pod) {
        return;
      }
      Instant now = clock.instant();
      pod.rejectors = Set.copyOf(rejectors);
      pod.backoffUntil = now.plus(backoff(pod.attempts));
      if (rejectors.isEmpty() || !missedNothing) {
        move(pod, now);
      } else {
        park(pod, now);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Something happened: the pods that it may help are tried again. */
  public void happened(ClusterEvent event) {
    lock.lock();
    try {
      remember(event);
      Instant now = clock.instant();
      for (QueuedPod pod : List.copyOf(parked)) {
        if (helps(pod.info(), pod.rejectors, event)) {
          parked.remove(pod);
          move(pod, now);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  static Duration backoff(int attempts) {
    Duration delay = INITIAL_BACKOFF;
    for (int i = 1; i < attempts && delay.compareTo(MAX_BACKOFF) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    return delay.compareTo(MAX_BACKOFF) < 0 ? delay : MAX_BACKOFF;
  }

  @GuardedBy("lock")
  private void change(QueuedPod queued, Pod pod) {
    Pod before = queued.info().pod();
    PodInfo after = PodInfo.of(pod);
    boolean onlyStatus =
        before.spec().equals(pod.spec())
            && before.metadata().labels().equals(pod.metadata().labels())
            && before.metadata().annotations().equals(pod.metadata().annotations());
    ClusterEvent event = new ClusterEvent.WaitingPodChanged(before, pod);
    Place place = queued.place;
    take(queued);
    queued.info(after);
    queued.place = place;
    switch (place) {
      case ACTIVE -> active.add(queued);
      case BACKOFF -> backoff.add(queued);
      case GATED -> admit(queued);
      case IN_FLIGHT -> {
        if (!onlyStatus) {
          remember(event);
        }
      }
      case UNSCHEDULABLE -> {
        if (!onlyStatus && helps(after, queued.rejectors, event)) {
          move(queued, clock.instant());
        } else {
          parked.add(queued);
        }
      }
    }
  }

  private boolean helps(PodInfo pod, Set<String> rejectors, ClusterEvent event) {
    if (event instanceof ClusterEvent.WaitingPodChanged change
        && !change.after().metadata().uid().equals(pod.uid())) {
      return false;
    }
    return framework.mayHelp(pod, rejectors, event);
  }

  @GuardedBy("lock")
  private void admit(QueuedPod pod) {
    if (framework.preEnqueue(pod.info().pod()).isSuccess()) {
      pod.queuedAt = clock.instant();
      activate(pod);
    } else {
      pod.place = Place.GATED;
    }
  }

  @GuardedBy("lock")
  private void move(QueuedPod pod, Instant now) {
    if (pod.backoffUntil.isAfter(now)) {
      pod.place = Place.BACKOFF;
      backoff.add(pod);
      changed.signalAll();
    } else {
      activate(pod);
    }
  }

  @GuardedBy("lock")
  private void park(QueuedPod pod, Instant now) {
    pod.place = Place.UNSCHEDULABLE;
    pod.parkedAt = now;
    parked.add(pod);
    changed.signalAll();
  }

  @GuardedBy("lock")
  private void activate(QueuedPod pod) {
    pod.place = Place.ACTIVE;
    active.add(pod);
    changed.signalAll();
  }

  /** Takes the pod out of the set it is in. */
  @GuardedBy("lock")
  private void take(QueuedPod pod) {
    active.remove(pod);
    backoff.remove(pod);
    parked.remove(pod);
  }

  /** The pod is no longer under way; false where it was not. */
  @GuardedBy("lock")
  private boolean land(QueuedPod pod) {
    if (pod.place != Place.IN_FLIGHT) {
      return false;
    }
    pod.place = Place.GATED;
    inFlight--;
    if (inFlight == 0) {
      firstEvent += events.size();
      events.clear();
    }
    return true;
  }

  @GuardedBy("lock")
  private void remember(ClusterEvent event) {
    if (inFlight > 0) {
      events.add(event);
      if (events.size() > MAX_EVENTS) {
        events.remove();
        firstEvent++;
      }
    }
  }

  /** Moves those to the active ones whose time has come. */
  @GuardedBy("lock")
  private void release(Instant now) {
    while (!backoff.isEmpty() && !backoff.first().backoffUntil.isAfter(now)) {
      activate(backoff.removeFirst());
    }
    while (!parked.isEmpty() && !parked.first().parkedAt.plus(MAX_PARKED).isAfter(now)) {
      activate(parked.removeFirst());
    }
  }

  @GuardedBy("lock")
  private Optional<Instant> nextRelease() {
    Optional<Instant> first =
        backoff.isEmpty() ? Optional.empty() : Optional.of(backoff.first().backoffUntil);
    Optional<Instant> second =
        parked.isEmpty() ? Optional.empty() : Optional.of(parked.first().parkedAt.plus(MAX_PARKED));
    if (first.isPresent() && second.isPresent()) {
      return first.get().isBefore(second.get()) ? first : second;
    }
    return first.or(() -> second);
  }
}
