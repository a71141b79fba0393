package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.kubelet.container.Limits;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.pod.PodResources;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.pod.ResourceState;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The resources that each pod was granted and those that its containers run with, while the API
 * server's pod says what is wished (upstream's allocation manager, KEP-1287). A wish that does not
 * fit waits as Deferred and is tried again when room was made.
 *
 * <p>After a restart, what containers run with is read from the annotation they were made with and
 * from {@link ResizeFile}, which exists only for pods that were resized.
 *
 * <p>Any thread; entries are immutable and replaced, decisions are taken one at a time under this
 * object's lock.
 */
public final class Resizes {
  static final String PENDING = "PodResizePending";
  static final String IN_PROGRESS = "PodResizeInProgress";

  /**
   * @param wished the newest pod seen
   * @param podCgroup last written to the pod's cgroup; null: nothing yet
   */
  private record Entry(
      Pod wished,
      ResourceState allocated,
      ResourceState actuated,
      @Nullable LinuxResources podCgroup,
      @Nullable PodCondition pending,
      @Nullable PodCondition inProgress) {

    Entry withWished(Pod pod) {
      return new Entry(pod, allocated, actuated, podCgroup, pending, inProgress);
    }

    Entry withAllocated(ResourceState state) {
      return new Entry(wished, state, actuated, podCgroup, pending, inProgress);
    }

    Entry withActuated(ResourceState state) {
      return new Entry(wished, allocated, state, podCgroup, pending, inProgress);
    }

    Entry withPodCgroup(LinuxResources written) {
      return new Entry(wished, allocated, actuated, written, pending, inProgress);
    }

    Entry withPending(@Nullable PodCondition condition) {
      return new Entry(wished, allocated, actuated, podCgroup, condition, inProgress);
    }

    Entry withInProgress(@Nullable PodCondition condition) {
      return new Entry(wished, allocated, actuated, podCgroup, pending, condition);
    }
  }

  private final PodAdmission admission;
  private final PodEvents events;
  private final ResizeFile file;
  private final Clock clock;
  private final Consumer<String> wake;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /**
   * @param wake told the uid of a pod whose wish was granted after it had waited
   */
  public Resizes(
      PodAdmission admission,
      PodEvents events,
      ResizeFile file,
      Clock clock,
      Consumer<String> wake) {
    this.admission = admission;
    this.events = events;
    this.file = file;
    this.clock = clock;
    this.wake = wake;
  }

  /** Takes in a pod that was admitted with what it asks for. */
  void admitted(Pod pod) {
    ResourceState asked = ResourceState.of(pod);
    entries.put(
        pod.metadata().uid(),
        new Entry(pod, asked, new ResourceState(asked.pod(), Map.of()), null, null, null));
  }

  /** Takes in a pod that ran before this process: it goes on with what it has. */
  void adopt(Pod pod, PodRuntime runtime, RuntimeIndex index) {
    String uid = pod.metadata().uid();
    Optional<ResizeFile.Saved> saved = file.read(uid);
    Map<String, ResourceRequirements> running = new HashMap<>();
    ResourceState asked = ResourceState.of(pod);
    for (ContainerRun run : runtime.containers()) {
      ResourceRequirements specified = asked.containers().get(run.name());
      if (run.running() && specified != null) {
        running.put(
            run.name(),
            index
                .container(run.id())
                .flatMap(s -> read(s.annotations().get(KubeletLabels.RESOURCES)))
                .orElse(specified));
      }
    }
    Map<String, ResourceRequirements> granted = new HashMap<>(asked.containers());
    running.forEach((name, r) -> granted.computeIfPresent(name, (k, v) -> r));
    ResourceState allocated =
        saved
            .map(ResizeFile.Saved::allocated)
            .orElseGet(() -> new ResourceState(asked.pod(), granted));
    ResourceState actuated =
        saved
            .map(ResizeFile.Saved::actuated)
            .orElseGet(() -> new ResourceState(asked.pod(), running));
    entries.put(
        uid,
        new Entry(
            pod,
            allocated,
            actuated,
            Limits.ofPod(actuated.applyTo(pod)),
            find(pod, PENDING),
            find(pod, IN_PROGRESS)));
  }

  private static @Nullable PodCondition find(Pod pod, String type) {
    return pod.status().conditions().stream()
        .filter(c -> c.type().equals(type))
        .findFirst()
        .orElse(null);
  }

  private static Optional<ResourceRequirements> read(@Nullable String json) {
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ResizeFile.requirements(Trees.parseJson(json.getBytes(StandardCharsets.UTF_8))));
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }

  void forget(String uid) {
    entries.remove(uid);
  }

  /** The pod with the resources it was granted. */
  public Pod allocated(Pod pod) {
    Entry e = entries.get(pod.metadata().uid());
    return e == null ? pod : e.allocated().applyTo(pod);
  }

  /** What the pod's running containers have. */
  ResourceState actuated(Pod pod) {
    Entry e = entries.get(pod.metadata().uid());
    return e == null ? ResourceState.of(pod) : e.actuated();
  }

  /** PodResizePending and PodResizeInProgress, as far as they hold. */
  List<PodCondition> conditions(String uid) {
    Entry e = entries.get(uid);
    return e == null
        ? List.of()
        : Stream.of(e.pending(), e.inProgress()).filter(Objects::nonNull).toList();
  }

  /**
   * Grants what the pod wishes if it can be; returns the pod with what it was granted, now or
   * before.
   */
  Pod allocate(Pod pod) {
    Entry e = entries.get(pod.metadata().uid());
    if (e == null) {
      return pod;
    }
    if (e.pending() == null && e.allocated().isOf(pod)) {
      return pod;
    }
    synchronized (this) {
      entries.computeIfPresent(pod.metadata().uid(), (k, v) -> v.withWished(pod));
      if (decide(pod)) {
        retry();
      }
    }
    return allocated(pod);
  }

  /** Room was made: whoever waits is looked at again, the most deserving first. */
  void roomMade() {
    if (entries.values().stream().anyMatch(e -> e.pending() != null)) {
      synchronized (this) {
        retry();
      }
    }
  }

  private void retry() {
    List<Entry> waiting = new ArrayList<>();
    entries.values().stream().filter(e -> e.pending() != null).forEach(waiting::add);
    waiting.sort(
        Comparator.comparing(Resizes::grows)
            .thenComparing(
                e -> e.wished().spec().priority() == null ? 0 : -e.wished().spec().priority())
            .thenComparing(e -> !e.wished().status().qosClass().equals("Guaranteed"))
            .thenComparing(
                e ->
                    e.pending() == null || e.pending().lastTransitionTime() == null
                        ? Instant.MAX
                        : e.pending().lastTransitionTime()));
    for (Entry e : waiting) {
      if (decide(e.wished())) {
        wake.accept(e.wished().metadata().uid());
      }
    }
  }

  private static boolean grows(Entry e) {
    Map<String, Quantity> wished = PodResources.requests(e.wished());
    Map<String, Quantity> has = PodResources.requests(e.allocated().applyTo(e.wished()));
    return Stream.of("cpu", "memory")
        .anyMatch(
            r ->
                wished.getOrDefault(r, Quantity.ZERO).compareTo(has.getOrDefault(r, Quantity.ZERO))
                    > 0);
  }

  /** Returns whether new resources were granted. */
  private boolean decide(Pod pod) {
    String uid = pod.metadata().uid();
    Entry e = entries.get(uid);
    if (e == null) {
      return false;
    }
    if (e.allocated().isOf(pod)) {
      entries.computeIfPresent(uid, (k, v) -> v.withPending(null));
      return false;
    }
    Optional<PodAdmission.Rejection> no = admission.fits(pod);
    long generation = pod.metadata().generation();
    if (no.isPresent()) {
      PodCondition before = e.pending();
      PodCondition now = condition(PENDING, before, "Deferred", no.get().message(), generation);
      entries.computeIfPresent(uid, (k, v) -> v.withPending(now));
      if (before == null || before.observedGeneration() != generation) {
        events.pod(
            pod,
            true,
            "ResizeDeferred",
            "Pod resize Deferred: " + summary(pod, generation, no.get().message()));
      }
      return false;
    }
    entries.computeIfPresent(
        uid,
        (k, v) ->
            v.withAllocated(ResourceState.of(pod))
                .withPending(null)
                .withInProgress(condition(IN_PROGRESS, null, "", "", generation)));
    save(uid);
    events.pod(pod, false, "ResizeStarted", "Pod resize started: " + summary(pod, generation, ""));
    return true;
  }

  private PodCondition condition(
      String type, @Nullable PodCondition before, String reason, String message, long generation) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant since =
        before != null && before.reason().equals(reason) && before.lastTransitionTime() != null
            ? before.lastTransitionTime()
            : now;
    return PodCondition.builder()
        .type(type)
        .status("True")
        .reason(reason)
        .message(message)
        .observedGeneration(generation)
        .lastProbeTime(
            before != null && before.message().equals(message) ? before.lastProbeTime() : now)
        .lastTransitionTime(since)
        .build();
  }

  /** A container was started, or its cgroup changed: it runs with these now. */
  void actuated(String uid, String container, ResourceRequirements resources) {
    Entry before = entries.get(uid);
    entries.computeIfPresent(
        uid, (k, v) -> v.withActuated(v.actuated().with(container, resources)));
    if (before != null && before.inProgress() != null) {
      save(uid);
    }
  }

  /** What was last written to the pod's cgroup; empty: nothing yet. */
  Optional<LinuxResources> podCgroup(String uid) {
    Entry e = entries.get(uid);
    return e == null ? Optional.empty() : Optional.ofNullable(e.podCgroup());
  }

  void podCgroup(Pod allocated, LinuxResources written) {
    entries.computeIfPresent(
        allocated.metadata().uid(),
        (k, v) ->
            v.withPodCgroup(written)
                .withActuated(v.actuated().withPod(allocated.spec().resources())));
  }

  /** Resizing failed half-way; it goes on being tried. */
  void failed(Pod pod, String why) {
    String uid = pod.metadata().uid();
    Entry e = entries.get(uid);
    PodCondition before = e == null ? null : e.inProgress();
    if (before != null && before.reason().equals("Error") && before.message().equals(why)) {
      return;
    }
    long generation = before == null ? pod.metadata().generation() : before.observedGeneration();
    entries.computeIfPresent(
        uid, (k, v) -> v.withInProgress(condition(IN_PROGRESS, before, "Error", why, generation)));
    events.pod(pod, true, "ResizeError", "Pod resize error: " + summary(pod, generation, why));
  }

  /** Looks whether a resize that was under way is done; returns whether that has just changed. */
  boolean settle(Pod allocated, PodRuntime runtime) {
    String uid = allocated.metadata().uid();
    Entry e = entries.get(uid);
    if (e == null || e.inProgress() == null) {
      return false;
    }
    for (Container c : ResourceState.resizable(allocated).toList()) {
      boolean running = runtime.latest(c.name()).filter(ContainerRun::running).isPresent();
      if (running && !ResourceState.same(e.actuated().containers().get(c.name()), c.resources())) {
        return false;
      }
    }
    if (!ResourceState.same(e.actuated().pod(), allocated.spec().resources())) {
      return false;
    }
    long generation = e.inProgress().observedGeneration();
    entries.computeIfPresent(uid, (k, v) -> v.withInProgress(null));
    events.pod(
        allocated,
        false,
        "ResizeCompleted",
        "Pod resize completed: " + summary(allocated, generation, ""));
    return true;
  }

  private void save(String uid) {
    Entry e = entries.get(uid);
    if (e != null) {
      file.write(uid, new ResizeFile.Saved(e.allocated(), e.actuated()));
    }
  }

  /** The resources as upstream's events show them. */
  private static String summary(Pod pod, long generation, String error) {
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    if (!pod.spec().initContainers().isEmpty()) {
      summary.put("initContainers", resources(pod.spec().initContainers()));
    }
    summary.put("containers", resources(pod.spec().containers()));
    summary.put("generation", generation);
    if (!error.isEmpty()) {
      summary.put("error", error);
    }
    return Trees.toJson(summary);
  }

  private static List<Map<String, Object>> resources(List<Container> containers) {
    return containers.stream()
        .map(
            c ->
                Map.<String, Object>of(
                    "name", c.name(), "resources", Trees.fromMessage(c.resources())))
        .toList();
  }
}
