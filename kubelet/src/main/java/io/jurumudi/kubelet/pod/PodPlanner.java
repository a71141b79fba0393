package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.kubelet.pod.PodActions.Kill;
import io.jurumudi.kubelet.pod.PodActions.KillReason;
import io.jurumudi.kubelet.pod.PodActions.Resize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares a pod with what the engine shows and says what to do (upstream's computePodActions). */
public final class PodPlanner {
  private final Pod pod;
  private final PodRuntime runtime;
  private final ProbeView probes;
  private final ResourceState actuated;
  private final List<Kill> kills = new ArrayList<>();
  private final List<Resize> resizes = new ArrayList<>();
  private final List<Integer> initToStart = new ArrayList<>();
  private final List<Integer> toStart = new ArrayList<>();
  private boolean killPod;

  private PodPlanner(Pod pod, PodRuntime runtime, ProbeView probes, ResourceState actuated) {
    this.pod = pod;
    this.runtime = runtime;
    this.probes = probes;
    this.actuated = actuated;
  }

  /**
   * @param pod with the resources it was granted
   * @param actuated those that its running containers have; containers it does not name have theirs
   */
  public static PodActions plan(
      Pod pod, PodRuntime runtime, ProbeView probes, ResourceState actuated) {
    return new PodPlanner(pod, runtime, probes, actuated).plan();
  }

  /**
   * Whether the pod needs another sandbox, its attempt number, and the one there is.
   *
   * @param sandboxId empty when the old one cannot be reused even for its name
   */
  public record SandboxChange(boolean changed, int attempt, String sandboxId) {}

  public static SandboxChange sandboxChange(Pod pod, PodRuntime runtime) {
    if (runtime.sandboxes().isEmpty()) {
      return new SandboxChange(true, 0, "");
    }
    PodSandboxStatus newest = runtime.sandboxes().getFirst();
    long ready = runtime.sandboxes().stream().filter(s -> s.state() == SandboxState.READY).count();
    int next = newest.metadata().attempt() + 1;
    if (ready > 1 || newest.state() != SandboxState.READY) {
      return new SandboxChange(true, next, newest.id());
    }
    boolean host = Containers.hostNetwork(pod);
    if (newest.namespaces().network() != (host ? NamespaceMode.NODE : NamespaceMode.POD)) {
      return new SandboxChange(true, next, "");
    }
    if (!host && newest.ips().isEmpty()) {
      return new SandboxChange(true, next, newest.id());
    }
    return new SandboxChange(false, newest.metadata().attempt(), newest.id());
  }

  private PodActions plan() {
    SandboxChange sandbox = sandboxChange(pod, runtime);
    if (sandbox.changed()) {
      return withNewSandbox(sandbox);
    }
    List<Integer> ephemeral = new ArrayList<>();
    for (int i = 0; i < pod.spec().ephemeralContainers().size(); i++) {
      // Ephemeral containers run once, whatever became of them.
      if (runtime.latest(pod.spec().ephemeralContainers().get(i).name()).isEmpty()) {
        ephemeral.add(i);
      }
    }
    boolean initialized = planInitContainers();
    if (!killPod && initialized) {
      planContainers();
    }
    return new PodActions(
        killPod,
        false,
        sandbox.sandboxId(),
        sandbox.attempt(),
        List.copyOf(kills),
        List.copyOf(resizes),
        ephemeral,
        List.copyOf(initToStart),
        List.copyOf(toStart));
  }

  /** Everything starts from the beginning, except what has run to its end for good. */
  private PodActions withNewSandbox(SandboxChange sandbox) {
    boolean create = true;
    List<Integer> init = List.of();
    List<Integer> start = new ArrayList<>();
    boolean restarts =
        Containers.restartsOnFailure(pod)
            || pod.spec().containers().stream()
                .anyMatch(c -> Containers.restartable(c, pod.spec()));
    if (!restarts && sandbox.attempt() != 0 && !runtime.containers().isEmpty()) {
      create = false;
    } else {
      for (int i = 0; i < pod.spec().containers().size(); i++) {
        Container c = pod.spec().containers().get(i);
        String policy = c.restartPolicy() != null ? c.restartPolicy() : pod.spec().restartPolicy();
        boolean succeeded =
            runtime.latest(c.name()).filter(r -> r.exited() && r.exitCode() == 0).isPresent();
        if (!("OnFailure".equals(policy) && succeeded)) {
          start.add(i);
        }
      }
      if (start.isEmpty() && Containers.anyRegularCreated(pod, runtime)) {
        create = false;
      } else if (!pod.spec().initContainers().isEmpty()) {
        init = List.of(0);
        start = List.of();
      }
    }
    return new PodActions(
        true,
        create,
        sandbox.sandboxId(),
        sandbox.attempt(),
        List.of(),
        List.of(),
        List.of(),
        create ? init : List.of(),
        create ? List.copyOf(start) : List.of());
  }

  private void planContainers() {
    int keep = 0;
    List<Container> containers = pod.spec().containers();
    for (int i = 0; i < containers.size(); i++) {
      Container c = containers.get(i);
      Optional<ContainerRun> found = runtime.latest(c.name());
      if (found.isEmpty() || !found.get().running()) {
        if (Containers.shouldStart(c, pod, runtime)) {
          toStart.add(i);
          found
              .filter(r -> r.state() == ContainerState.UNKNOWN)
              .ifPresent(
                  r ->
                      kill(
                          r,
                          "Container is in \"unknown\" state, try killing it before" + " restart",
                          KillReason.UNKNOWN));
        }
        continue;
      }
      ContainerRun run = found.get();
      boolean restart =
          c.restartPolicy() != null
              ? !c.restartPolicy().equals("Never")
              : Containers.restartsOnFailure(pod);
      String message;
      KillReason reason = KillReason.UNKNOWN;
      if (!run.specHash().equals(Containers.hash(c))) {
        message = "Container " + c.name() + " definition changed";
        restart = true;
      } else if (failed(probes.liveness(run.id()))) {
        message = "Container " + c.name() + " failed liveness probe";
        reason = KillReason.LIVENESS_PROBE;
      } else if (failed(probes.startup(run.id()))) {
        message = "Container " + c.name() + " failed startup probe";
        reason = KillReason.STARTUP_PROBE;
      } else if (resize(c, run)) {
        message = "Container " + c.name() + " resize requires restart";
        restart = true;
      } else {
        keep++;
        continue;
      }
      if (restart) {
        message += ", will be restarted";
        toStart.add(i);
      }
      kill(run, message, reason);
    }
    if (keep == 0 && toStart.isEmpty()) {
      killPod = true;
      // Else the sidecars would keep the pod alive.
      initToStart.clear();
    }
  }

  /** Walks the init containers backwards: the last one that left a trace says how far we are. */
  private boolean planInitContainers() {
    List<Container> inits = pod.spec().initContainers();
    if (inits.isEmpty()) {
      return true;
    }
    boolean initialized =
        pod.spec().containers().stream()
            .flatMap(c -> runtime.latest(c.name()).stream())
            .anyMatch(r -> r.running() || r.state() == ContainerState.CREATED);
    boolean previously = initialized;
    for (int i = inits.size() - 1; i >= 0; i--) {
      Container c = inits.get(i);
      boolean sidecar = Containers.isSidecar(c);
      Optional<ContainerRun> found = runtime.latest(c.name());
      if (found.isEmpty()) {
        if (previously && sidecar) {
          initToStart.add(i);
        }
        continue;
      }
      if (previously && !sidecar) {
        continue;
      }
      ContainerRun run = found.get();
      boolean last = i == inits.size() - 1;
      switch (run.state()) {
        case CREATED -> initToStart.add(i);
        case RUNNING -> {
          if (sidecar && planRunningSidecar(c, i, run, last, previously)) {
            initialized = true;
          }
        }
        case EXITED -> {
          if (sidecar) {
            initToStart.add(i);
          } else if (run.failed()) {
            if (!Containers.restartsAfter(c, pod.spec(), run.exitCode())) {
              return terminal();
            }
            initToStart.add(i);
          } else if (last) {
            initialized = true;
          } else {
            initToStart.add(i + 1);
          }
        }
        case UNKNOWN -> {
          boolean restart =
              sidecar
                  || (c.restartPolicy() != null
                      ? !c.restartPolicy().equals("Never")
                      : Containers.restartsOnFailure(pod));
          if (!restart) {
            return terminal();
          }
          kill(
              run,
              "Init container is in \"unknown\" state, try killing it before restart",
              KillReason.UNKNOWN);
          initToStart.add(i);
        }
      }
      previously = true;
    }
    if (!previously) {
      initToStart.add(0);
    }
    Collections.reverse(initToStart);
    return initialized;
  }

  /** Returns whether this sidecar, being the last init container, completes the initialization. */
  private boolean planRunningSidecar(
      Container c, int index, ContainerRun run, boolean last, boolean previously) {
    if (c.startupProbe() != null) {
      Optional<ProbeResult> startup = probes.startup(run.id());
      if (startup.isEmpty() || startup.get() == ProbeResult.UNKNOWN) {
        return false;
      }
      if (startup.get() == ProbeResult.FAILURE) {
        kill(run, "Init container " + c.name() + " failed startup probe", KillReason.STARTUP_PROBE);
        initToStart.add(index);
        return false;
      }
    }
    if (!last && !previously) {
      initToStart.add(index + 1);
    }
    if (!run.specHash().equals(Containers.hash(c))) {
      kill(run, "Init container " + c.name() + " definition changed", KillReason.UNKNOWN);
      initToStart.add(index);
    } else if (failed(probes.liveness(run.id()))) {
      kill(run, "Init container " + c.name() + " failed liveness probe", KillReason.LIVENESS_PROBE);
      initToStart.add(index);
    } else if (resize(c, run)) {
      kill(run, "Container " + c.name() + " resize requires restart", KillReason.UNKNOWN);
      initToStart.add(index);
    }
    return last;
  }

  /**
   * Plans new resources for a running container when it was granted others; returns whether its
   * policy wants a restart for that (upstream's computePodResizeAction).
   */
  private boolean resize(Container c, ContainerRun run) {
    ResourceRequirements current = actuated.containers().getOrDefault(c.name(), c.resources());
    boolean any = false;
    for (String resource : List.of("cpu", "memory")) {
      if (amount(current.requests(), resource).compareTo(amount(c.resources().requests(), resource))
              == 0
          && amount(limits(actuated.pod(), current), resource)
                  .compareTo(amount(limits(pod.spec().resources(), c.resources()), resource))
              == 0) {
        continue;
      }
      any = true;
      if (c.resizePolicy().stream()
          .anyMatch(
              p ->
                  p.resourceName().equals(resource)
                      && p.restartPolicy().equals("RestartContainer"))) {
        return true;
      }
    }
    if (any) {
      resizes.add(new Resize(run.id(), c));
    }
    return false;
  }

  /** A container without a limit has that of its pod. */
  private static Map<String, Quantity> limits(
      @Nullable ResourceRequirements whole, ResourceRequirements own) {
    if (whole == null || whole.limits().isEmpty()) {
      return own.limits();
    }
    Map<String, Quantity> limits = new HashMap<>(whole.limits());
    limits.putAll(own.limits());
    return limits;
  }

  private static Quantity amount(Map<String, Quantity> amounts, String resource) {
    return amounts.getOrDefault(resource, Quantity.ZERO);
  }

  private boolean terminal() {
    killPod = true;
    initToStart.clear();
    return false;
  }

  private void kill(ContainerRun run, String message, KillReason reason) {
    kills.add(new Kill(run.id(), run.name(), message, reason));
  }

  private static boolean failed(Optional<ProbeResult> result) {
    return result.isPresent() && result.get() == ProbeResult.FAILURE;
  }
}
