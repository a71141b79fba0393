package io.jurumudi.kubelet.probe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.pod.ProbeResult;
import io.jurumudi.kubelet.pod.ProbeView;
import io.jurumudi.kubelet.worker.PodEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a {@link ProbeRun} going for each probe of each running container, and its result. Any
 * thread; the maps are guarded by this object.
 */
public final class ProbeManager implements ProbeView {
  /** Which of a container's three probes. */
  enum Type {
    STARTUP("Startup"),
    LIVENESS("Liveness"),
    READINESS("Readiness");

    private final String title;

    Type(String title) {
      this.title = title;
    }

    /** As events begin. */
    String title() {
      return title;
    }

    String lower() {
      return title.toLowerCase(Locale.ROOT);
    }
  }

  /** A probe of one run of a container. */
  record Key(String podUid, String containerId, Type type) {}

  private final Prober prober;
  private final PodEvents events;
  private final Executor executor;
  private final Consumer<String> changed;

  @GuardedBy("this")
  private final Map<Key, ProbeRun> runs = new HashMap<>();

  @GuardedBy("this")
  private final Map<Key, ProbeResult> results = new HashMap<>();

  /**
   * @param executor a thread for each probe; they mostly sleep
   * @param changed told the pod's uid when a result changed
   */
  public ProbeManager(
      Prober prober, PodEvents events, Executor executor, Consumer<String> changed) {
    this.prober = prober;
    this.events = events;
    this.executor = executor;
    this.changed = changed;
  }

  /**
   * Starts what should run now and stops the probes of containers that do not run any more.
   *
   * @param startedBefore ids of containers that were started before this process was: their startup
   *     probe is over
   */
  public synchronized void update(Pod pod, PodRuntime runtime, Set<String> startedBefore) {
    String uid = pod.metadata().uid();
    Set<Key> wanted = new HashSet<>();
    String podIP = podIP(pod, runtime);
    for (Container c : Containers.all(pod).toList()) {
      Optional<ContainerRun> run = runtime.latest(c.name()).filter(ContainerRun::running);
      if (run.isEmpty() || (Containers.isInit(pod, c.name()) && !Containers.isSidecar(c))) {
        continue;
      }
      String id = run.get().id();
      Key startup = new Key(uid, id, Type.STARTUP);
      if (c.startupProbe() != null && startedBefore.contains(id)) {
        results.putIfAbsent(startup, ProbeResult.SUCCESS);
      }
      boolean started = c.startupProbe() == null || results.get(startup) == ProbeResult.SUCCESS;
      if (!started) {
        want(wanted, startup, pod, c, c.startupProbe(), run.get(), podIP);
      } else {
        wanted.add(startup);
        want(wanted, new Key(uid, id, Type.LIVENESS), pod, c, c.livenessProbe(), run.get(), podIP);
        want(
            wanted, new Key(uid, id, Type.READINESS), pod, c, c.readinessProbe(), run.get(), podIP);
      }
    }
    for (Iterator<Map.Entry<Key, ProbeRun>> i = runs.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Key, ProbeRun> e = i.next();
      if (e.getKey().podUid().equals(uid) && !wanted.contains(e.getKey())) {
        e.getValue().stop();
        i.remove();
      }
    }
    results.keySet().removeIf(k -> k.podUid().equals(uid) && !wanted.contains(k));
  }

  private static String podIP(Pod pod, PodRuntime runtime) {
    if (!runtime.ips().isEmpty()) {
      return runtime.ips().getFirst();
    }
    return pod.spec().hostNetwork() && !pod.status().hostIP().isEmpty()
        ? pod.status().hostIP()
        : "127.0.0.1";
  }

  @GuardedBy("this")
  private void want(
      Set<Key> wanted,
      Key key,
      Pod pod,
      Container c,
      @Nullable Probe probe,
      ContainerRun run,
      String podIP) {
    if (probe == null) {
      return;
    }
    wanted.add(key);
    if (runs.containsKey(key)) {
      return;
    }
    ProbeRun started =
        new ProbeRun(
            key.type(),
            probe,
            run.startedAt(),
            () -> prober.probe(probe, c, run.id(), podIP),
            result -> set(key, result),
            (warning, message) ->
                events.container(
                    pod, c.name(), true, warning ? "ProbeWarning" : "Unhealthy", message));
    runs.put(key, started);
    executor.execute(started);
  }

  private void set(Key key, ProbeResult result) {
    synchronized (this) {
      if (!runs.containsKey(key) || results.put(key, result) == result) {
        return;
      }
    }
    changed.accept(key.podUid());
  }

  /** The pod is being ended: how it dies is not to be judged, but readiness still is. */
  public synchronized void stopLivenessAndStartup(String podUid) {
    for (Map.Entry<Key, ProbeRun> e : runs.entrySet()) {
      if (e.getKey().podUid().equals(podUid) && e.getKey().type() != Type.READINESS) {
        e.getValue().stop();
      }
    }
  }

  public synchronized void remove(String podUid) {
    List<Key> gone = new ArrayList<>();
    runs.forEach(
        (k, run) -> {
          if (k.podUid().equals(podUid)) {
            run.stop();
            gone.add(k);
          }
        });
    gone.forEach(runs::remove);
    results.keySet().removeIf(k -> k.podUid().equals(podUid));
  }

  @Override
  public Optional<ProbeResult> startup(String containerId) {
    return get(containerId, Type.STARTUP);
  }

  @Override
  public Optional<ProbeResult> liveness(String containerId) {
    return get(containerId, Type.LIVENESS);
  }

  @Override
  public Optional<ProbeResult> readiness(String containerId) {
    return get(containerId, Type.READINESS);
  }

  private synchronized Optional<ProbeResult> get(String containerId, Type type) {
    for (Map.Entry<Key, ProbeResult> e : results.entrySet()) {
      if (e.getKey().type() == type && e.getKey().containerId().equals(containerId)) {
        return Optional.of(e.getValue());
      }
    }
    return Optional.empty();
  }
}
