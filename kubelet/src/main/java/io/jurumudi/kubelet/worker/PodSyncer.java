package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.FieldRefs;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.PodActions;
import io.jurumudi.kubelet.pod.PodPlanner;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.pod.PodStatuses;
import io.jurumudi.kubelet.pod.WaitingReason;
import io.jurumudi.kubelet.volume.PodVolumes;
import io.jurumudi.kubelet.volume.VolumeException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one pod one step nearer to what its specification says: status, volumes, plan, actions
 * (upstream's syncPod). Owned by the pod's worker, only its thread comes in here.
 */
final class PodSyncer {
  private static final Logger LOG = LoggerFactory.getLogger(PodSyncer.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);
  private static final Duration LAST_VOLUME_RETRY = Duration.ofMinutes(2);

  /** After a failed pull or start, how soon the back-off is shown. */
  private static final Duration SHOW_BACK_OFF = Duration.ofSeconds(3);

  private final PodServices services;
  private final PodKiller killer;
  private final ContainerStarter starter;
  private final PodResizer resizer;
  private final Map<String, WaitingReason> waiting = new HashMap<>();
  private final Set<String> startedBefore = new HashSet<>();
  private PodVolumes.@Nullable Ready volumes;
  private boolean admitted;
  private Duration retry = Duration.ZERO;

  PodSyncer(PodServices services, PodKiller killer) {
    this.services = services;
    this.killer = killer;
    this.starter = new ContainerStarter(services, killer);
    this.resizer = new PodResizer(services);
  }

  /**
   * What a step came to.
   *
   * @param end the pod is to be ended, and why; null: it goes on
   * @param wakeAt when to come back even if nothing happens; null: no need
   */
  record Step(@Nullable End end, @Nullable Instant wakeAt) {}

  /**
   * Why a pod is ended.
   *
   * @param phase Failed when the kubelet ends it; empty when its containers say how it went
   * @param started false: it was never let in, its containers have no status
   */
  record End(String phase, String reason, String message, boolean started) {
    static final End BY_ITSELF = new End("", "", "", true);

    static End failed(String reason, String message) {
      return new End("Failed", reason, message, true);
    }

    static End rejected(String reason, String message) {
      return new End("Failed", reason, message, false);
    }
  }

  /**
   * @param refresh what volumes are made of may have changed
   */
  Step step(Pod wished, boolean refresh, CompletableFuture<Void> cancelled) {
    String uid = wished.metadata().uid();
    PodRuntime runtime = services.index().of(uid);
    if (!admitted) {
      Optional<End> refused = admit(wished, runtime);
      if (refused.isPresent()) {
        return new Step(refused.get(), null);
      }
      admitted = true;
      rememberStarted(wished, runtime);
      services.references().register(wished);
    }
    Pod pod = services.resizes().allocate(wished);
    services.resizes().settle(pod, runtime);
    PodStatus status = publish(pod, runtime);
    if (PodStatuses.terminalPhase(status.phase())) {
      return new Step(End.BY_ITSELF, null);
    }
    Instant deadline = deadline(pod, status);
    if (deadline != null && !services.clock().instant().isBefore(deadline)) {
      String message = "Pod was active on the node longer than the specified deadline";
      services.events().pod(pod, false, "DeadlineExceeded", message);
      return new Step(End.failed("DeadlineExceeded", message), null);
    }
    Instant wake = deadline;
    PodActions plan =
        PodPlanner.plan(pod, runtime, services.probes(), services.resizes().actuated(pod));
    try {
      if (refresh || volumes == null) {
        setUpVolumes(pod, runtime);
      }
      if (volumes != null) {
        wake = sooner(wake, volumes.refreshAt());
      }
      if (!plan.nothing() || resizer.podDiffers(pod)) {
        wake = sooner(wake, act(pod, runtime, plan, cancelled));
        runtime = services.index().of(uid);
        services.resizes().settle(pod, runtime);
        publish(pod, runtime);
      } else {
        retry = Duration.ZERO;
      }
    } catch (VolumeException e) {
      services.events().pod(pod, true, "FailedMount", String.valueOf(e.getMessage()));
      wake = sooner(wake, later(LAST_VOLUME_RETRY));
    } catch (ConfigException e) {
      services
          .events()
          .pod(
              pod,
              true,
              "FailedCreatePodSandBox",
              "Failed to create pod sandbox: " + e.getMessage());
      wake = sooner(wake, later(LAST_RETRY));
    } catch (RuntimeServiceException e) {
      LOG.warn(
          "msg=\"pod sync failed\" pod={}/{} err=\"{}\"",
          pod.metadata().namespace(),
          pod.metadata().name(),
          e.getMessage());
      services.events().pod(pod, true, "FailedSync", "error syncing pod: " + e.getMessage());
      wake = sooner(wake, later(LAST_RETRY));
    }
    services.probes().update(pod, runtime, startedBefore);
    return new Step(null, wake);
  }

  private Optional<End> admit(Pod pod, PodRuntime runtime) {
    if (!runtime.sandboxes().isEmpty() || !pod.status().containerStatuses().isEmpty()) {
      services.resizes().adopt(pod, runtime, services.index());
      services.admission().adopt(pod);
      return Optional.empty();
    }
    Optional<PodAdmission.Rejection> no = services.admission().admit(pod);
    if (no.isEmpty()) {
      services.resizes().admitted(pod);
    }
    no.ifPresent(r -> services.events().pod(pod, true, r.reason(), r.message()));
    return no.map(r -> End.rejected(r.reason(), "Pod was rejected: " + r.message()));
  }

  /** A restarted kubelet does not ask a container again whether it has started. */
  private void rememberStarted(Pod pod, PodRuntime runtime) {
    Set<String> started = new HashSet<>();
    var statuses = new ArrayList<>(pod.status().containerStatuses());
    statuses.addAll(pod.status().initContainerStatuses());
    for (var s : statuses) {
      if (Boolean.TRUE.equals(s.started()) && s.state().running() != null) {
        started.add(s.containerID());
      }
    }
    for (ContainerRun run : runtime.containers()) {
      if (run.running() && started.contains(services.index().runtimeName() + "://" + run.id())) {
        startedBefore.add(run.id());
      }
    }
  }

  private static @Nullable Instant deadline(Pod pod, PodStatus status) {
    Long seconds = pod.spec().activeDeadlineSeconds();
    Instant start = status.startTime();
    return seconds == null || start == null ? null : start.plusSeconds(seconds);
  }

  /** Generates the status and has it written; returns it as generated. */
  private PodStatus publish(Pod pod, PodRuntime runtime) {
    PodStatus status = generate(pod, runtime, false);
    PodStatus shown = status;
    if (PodStatuses.terminalPhase(status.phase()) && runtime.anyRunning()) {
      // A terminal phase promises that nothing runs: it is shown when that is true.
      PodStatus old = old(pod);
      shown =
          status.toBuilder().phase(old.phase()).reason(old.reason()).message(old.message()).build();
    }
    services.status().set(pod, shown);
    return status;
  }

  PodStatus generate(Pod wished, PodRuntime runtime, boolean terminal) {
    Pod pod = services.resizes().allocated(wished);
    return PodStatuses.generate(
        new PodStatuses.Facts(
            pod,
            runtime,
            old(pod),
            terminal,
            waiting,
            services.resizes().actuated(pod),
            terminal ? List.of() : services.resizes().conditions(pod.metadata().uid()),
            services.probes(),
            services.hostIPs().get(),
            services.clock().instant()));
  }

  private PodStatus old(Pod pod) {
    return services.status().get(pod.metadata().uid()).orElse(pod.status());
  }

  private List<String> podIPs(Pod pod, PodRuntime runtime) {
    return Containers.hostNetwork(pod) ? services.hostIPs().get() : runtime.ips();
  }

  private void setUpVolumes(Pod pod, PodRuntime runtime) throws VolumeException {
    String uid = pod.metadata().uid();
    try {
      Files.createDirectories(services.directories().volumes(uid));
    } catch (IOException e) {
      throw new VolumeException("", "cannot create the pod's directory: " + e);
    }
    FieldRefs refs =
        new FieldRefs(
            pod,
            services.configs().nodeName(),
            services.hostIPs().get(),
            podIPs(pod, runtime),
            services.allocatable().get());
    volumes = services.volumes().setUp(pod, refs);
  }

  /** Returns when to come back for what failed; null: all went well. */
  private @Nullable Instant act(
      Pod pod, PodRuntime runtime, PodActions plan, CompletableFuture<Void> cancelled)
      throws ConfigException {
    PodRuntime now = runtime;
    if (plan.killPod()) {
      if (plan.createSandbox() && !plan.sandboxId().isEmpty()) {
        services
            .events()
            .pod(
                pod,
                false,
                "SandboxChanged",
                "Pod sandbox changed, it will be killed and re-created.");
      }
      killer.killPod(pod, runtime, Optional.empty());
      if (plan.createSandbox()) {
        purgeInitContainers(pod, runtime);
        now = services.index().of(pod.metadata().uid());
      }
    } else {
      for (PodActions.Kill kill : plan.kills()) {
        String podIP = runtime.ips().isEmpty() ? "127.0.0.1" : runtime.ips().getFirst();
        killer.kill(
            pod,
            kill.name(),
            kill.containerId(),
            kill.message(),
            kill.reason(),
            Optional.empty(),
            podIP);
      }
      if (!plan.kills().isEmpty()) {
        now = services.index().of(pod.metadata().uid());
      }
    }
    if (!plan.killPod()) {
      resize(pod, plan);
    }
    PodSandboxConfig sandbox = services.configs().sandbox(pod, plan.attempt());
    String sandboxId = plan.sandboxId();
    if (plan.createSandbox()) {
      Optional<String> network = networkProblem(pod);
      if (network.isPresent()) {
        services.events().pod(pod, true, "NetworkNotReady", network.get());
        return later(LAST_RETRY);
      }
      String handler = services.references().runtimeHandler(pod);
      try {
        sandboxId = services.runtime().runPodSandbox(sandbox, handler);
      } catch (RuntimeServiceException e) {
        if (!cancelled.isDone()) {
          services
              .events()
              .pod(
                  pod,
                  true,
                  "FailedCreatePodSandBox",
                  "Failed to create pod sandbox: " + e.getMessage());
        }
        return later(LAST_RETRY);
      }
      services.index().remember(pod.metadata().uid(), sandboxId);
      services.resizes().podCgroup(pod, sandbox.resources());
      PodRuntime fresh = services.index().of(pod.metadata().uid());
      publish(pod, fresh);
      // The plan's containers are those seen before: runs of the old sandbox still count.
      now = new PodRuntime(now.runtimeName(), fresh.sandboxes(), now.containers());
      // The downward API knows the address only now.
      refreshForAddress(pod, now);
    }
    return startAll(pod, now, plan, sandboxId, sandbox, cancelled);
  }

  private void resize(Pod pod, PodActions plan) {
    if (plan.resizes().isEmpty() && !resizer.podDiffers(pod)) {
      return;
    }
    try {
      resizer.apply(pod, plan);
    } catch (RuntimeServiceException e) {
      services.resizes().failed(pod, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private void refreshForAddress(Pod pod, PodRuntime runtime) {
    boolean downward =
        pod.spec().volumes().stream()
            .anyMatch(v -> v.downwardAPI() != null || v.projected() != null);
    if (downward) {
      try {
        setUpVolumes(pod, runtime);
      } catch (VolumeException e) {
        LOG.warn("msg=\"cannot refresh volumes\" pod={} err=\"{}\"", pod.metadata().name(), e);
      }
    }
  }

  private Optional<String> networkProblem(Pod pod) {
    String problem = services.runtime().status().getOrDefault("NetworkReady", "");
    return problem.isEmpty() || Containers.hostNetwork(pod)
        ? Optional.empty()
        : Optional.of("network is not ready: " + problem);
  }

  private @Nullable Instant startAll(
      Pod pod,
      PodRuntime runtime,
      PodActions plan,
      String sandboxId,
      PodSandboxConfig sandbox,
      CompletableFuture<Void> cancelled) {
    if (volumes == null) {
      return null;
    }
    ContainerStarter.Place place =
        new ContainerStarter.Place(
            pod, runtime, sandboxId, sandbox, volumes.volumes(), podIPs(pod, runtime), cancelled);
    Instant wake = null;
    boolean failed = false;
    for (int i : plan.ephemeralToStart()) {
      var ephemeral = pod.spec().ephemeralContainers().get(i);
      Instant again = start(place, Containers.of(ephemeral), ephemeral.targetContainerName());
      wake = sooner(wake, again);
      failed |= again != null;
    }
    for (int i : plan.initToStart()) {
      Container c = pod.spec().initContainers().get(i);
      Instant again = start(place, c, "");
      wake = sooner(wake, again);
      if (again != null && !Containers.isSidecar(c)) {
        return wake;
      }
      failed |= again != null;
    }
    for (int i : plan.toStart()) {
      if (cancelled.isDone()) {
        return null;
      }
      Instant again = start(place, pod.spec().containers().get(i), "");
      wake = sooner(wake, again);
      failed |= again != null;
    }
    if (!failed) {
      retry = Duration.ZERO;
    }
    return wake;
  }

  /** Returns when to try again; null: it was started. */
  private @Nullable Instant start(ContainerStarter.Place place, Container c, String target) {
    WaitingReason before = waiting.get(c.name());
    ContainerStarter.Result result = starter.start(place, c, target);
    WaitingReason failure = result.failure();
    if (failure == null) {
      waiting.remove(c.name());
      services.resizes().actuated(place.pod().metadata().uid(), c.name(), c.resources());
      pruneRuns(place.pod(), c.name());
      return null;
    }
    waiting.put(c.name(), failure);
    Instant now = services.clock().instant();
    Instant at = result.retryAt();
    if (at == null) {
      return later(LAST_RETRY);
    }
    boolean first = before == null || !before.reason().equals(failure.reason());
    if (failure.reason().equals("ErrImagePull") && first) {
      // Come back soon once, to say that it is the back-off now that it waits for.
      return now.plus(SHOW_BACK_OFF);
    }
    if (failure.reason().equals("ImagePullBackOff") && at.isAfter(now.plus(LAST_RETRY))) {
      // Until the next pull, see now and then whether somebody has brought the image.
      return now.plus(LAST_RETRY);
    }
    return at.isAfter(now) ? at : now.plus(FIRST_RETRY);
  }

  /** Keeps the newest ended run of a container, whose log is the previous one. */
  private void pruneRuns(Pod pod, String name) {
    List<ContainerRun> runs =
        services.index().of(pod.metadata().uid()).containers().stream()
            .filter(r -> r.name().equals(name))
            .toList();
    for (ContainerRun old : runs.stream().skip(2).filter(r -> !r.running()).toList()) {
      services.executor().execute(() -> remove(pod, old));
    }
  }

  private void remove(Pod pod, ContainerRun run) {
    try {
      services.runtime().removeContainer(run.id());
      services.index().forgetContainer(run.id());
      Files.deleteIfExists(
          services
              .directories()
              .podLogs(pod)
              .resolve(run.name())
              .resolve(run.restartCount() + ".log"));
      Files.deleteIfExists(
          services
              .directories()
              .container(pod.metadata().uid(), run.name())
              .resolve("" + run.restartCount()));
    } catch (RuntimeServiceException | IOException e) {
      LOG.warn("msg=\"cannot remove an old container\" id={} err=\"{}\"", run.id(), e.getMessage());
    }
  }

  /** A new sandbox is initialized anew: what init containers did before does not count. */
  private void purgeInitContainers(Pod pod, PodRuntime runtime) {
    for (ContainerRun run : runtime.containers()) {
      if (Containers.isInit(pod, run.name())) {
        remove(pod, run);
      }
    }
  }

  /** The time of the next attempt, further away with each failure in a row. */
  private Instant later(Duration longest) {
    retry = retry.isZero() ? FIRST_RETRY : retry.multipliedBy(2);
    if (retry.compareTo(longest) > 0) {
      retry = longest;
    }
    return services.clock().instant().plus(retry);
  }

  private static @Nullable Instant sooner(@Nullable Instant a, @Nullable Instant b) {
    if (a == null) {
      return b;
    }
    return b == null || a.isBefore(b) ? a : b;
  }
}
