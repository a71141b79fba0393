package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.PodActions.KillReason;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.probe.Hooks;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Ends containers with their preStop hooks, grace periods and order. Blocks; any thread. */
final class PodKiller {
  /** Even a forced end leaves a container this long to shut down (upstream's minimum). */
  private static final Duration MINIMUM_GRACE = Duration.ofSeconds(2);

  private final RuntimeService runtime;
  private final Hooks hooks;
  private final PodEvents events;
  private final Executor executor;
  private final Clock clock;

  PodKiller(PodServices services) {
    this.runtime = services.runtime();
    this.hooks = services.hooks();
    this.events = services.events();
    this.executor = services.executor();
    this.clock = services.clock();
  }

  /** How long this container may take to end. */
  static Duration grace(Pod pod, @Nullable Container c, KillReason reason) {
    Long deletion = pod.metadata().deletionGracePeriodSeconds();
    if (deletion != null) {
      return Duration.ofSeconds(deletion);
    }
    Probe probe =
        c == null
            ? null
            : switch (reason) {
              case STARTUP_PROBE -> c.startupProbe();
              case LIVENESS_PROBE -> c.livenessProbe();
              default -> null;
            };
    if (probe != null && probe.terminationGracePeriodSeconds() != null) {
      return Duration.ofSeconds(probe.terminationGracePeriodSeconds());
    }
    Long own = pod.spec().terminationGracePeriodSeconds();
    return own == null ? MINIMUM_GRACE : Duration.ofSeconds(own);
  }

  /**
   * Ends one container.
   *
   * @param message of the Killing event; empty for the usual one
   * @param override grace instead of the pod's
   */
  void kill(
      Pod pod,
      String name,
      String containerId,
      String message,
      KillReason reason,
      Optional<Duration> override,
      String podIP) {
    Optional<Container> c = Containers.find(pod, name);
    Duration grace = override.orElseGet(() -> grace(pod, c.orElse(null), reason));
    events.container(
        pod, name, false, "Killing", message.isEmpty() ? "Stopping container " + name : message);
    if (c.isPresent() && c.get().lifecycle() != null && grace.isPositive()) {
      LifecycleHandler preStop = c.get().lifecycle().preStop();
      if (preStop != null) {
        Instant start = clock.instant();
        Optional<String> problem = hooks.run(preStop, c.get(), containerId, podIP, grace);
        problem.ifPresent(
            p -> events.container(pod, name, true, "FailedPreStopHook", "PreStopHook failed"));
        grace = grace.minus(Duration.between(start, clock.instant()));
      }
    }
    stop(containerId, grace);
  }

  private void stop(String containerId, Duration grace) {
    try {
      runtime.stopContainer(
          containerId, grace.compareTo(MINIMUM_GRACE) < 0 ? MINIMUM_GRACE : grace);
    } catch (RuntimeServiceException.NotFound e) {
      // Gone is ended.
    }
  }

  /**
   * Ends all containers of a pod at once, sidecars after the others and in reverse order, then its
   * sandboxes.
   *
   * @param override grace instead of the pod's
   */
  void killPod(Pod pod, PodRuntime seen, Optional<Duration> override) {
    killContainers(pod, seen, override).join();
    stopSandboxes(seen);
  }

  /** As {@link #killPod}, without the sandboxes and without waiting. */
  CompletableFuture<Void> killContainers(Pod pod, PodRuntime seen, Optional<Duration> override) {
    String podIP = seen.ips().isEmpty() ? "127.0.0.1" : seen.ips().getFirst();
    List<String> sidecars =
        pod.spec().initContainers().stream()
            .filter(Containers::isSidecar)
            .map(Container::name)
            .toList();
    Map<String, ContainerRun> running = new HashMap<>();
    seen.containers().stream()
        .filter(ContainerRun::running)
        .forEach(r -> running.putIfAbsent(r.name(), r));
    List<CompletableFuture<Void>> others = new ArrayList<>();
    running.forEach(
        (name, run) -> {
          if (!sidecars.contains(name)) {
            others.add(killAsync(pod, run, override, podIP));
          }
        });
    CompletableFuture<Void> before =
        CompletableFuture.allOf(others.toArray(CompletableFuture[]::new));
    Instant deadline =
        clock.instant().plus(override.orElseGet(() -> grace(pod, null, KillReason.UNKNOWN)));
    for (String name : sidecars.reversed()) {
      ContainerRun run = running.get(name);
      if (run != null) {
        // A sidecar's turn comes when those that may need it have ended, or the time is over.
        before = after(before, deadline, pod, run, podIP);
      }
    }
    return before;
  }

  private CompletableFuture<Void> after(
      CompletableFuture<Void> before, Instant deadline, Pod pod, ContainerRun run, String podIP) {
    return CompletableFuture.runAsync(
        () -> {
          Duration left = Duration.between(clock.instant(), deadline);
          try {
            before.get(Math.max(0, left.toMillis()), TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            // Its turn all the same.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
          }
          Duration rest = Duration.between(clock.instant(), deadline);
          kill(
              pod,
              run.name(),
              run.id(),
              "",
              KillReason.UNKNOWN,
              Optional.of(rest.isNegative() ? Duration.ZERO : rest),
              podIP);
          before.join();
        },
        executor);
  }

  private CompletableFuture<Void> killAsync(
      Pod pod, ContainerRun run, Optional<Duration> override, String podIP) {
    return CompletableFuture.runAsync(
        () -> kill(pod, run.name(), run.id(), "", KillReason.UNKNOWN, override, podIP), executor);
  }

  /** A shorter grace came while containers are being ended: end them within it. */
  void hurry(PodRuntime seen, Duration grace) {
    for (ContainerRun run : seen.containers()) {
      if (run.running()) {
        executor.execute(
            () -> {
              try {
                stop(run.id(), grace);
              } catch (RuntimeServiceException e) {
                // The first attempt to stop it tells what is wrong.
              }
            });
      }
    }
  }

  void stopSandboxes(PodRuntime seen) {
    for (PodSandboxStatus s : seen.sandboxes()) {
      if (s.state() == SandboxState.READY) {
        try {
          runtime.stopPodSandbox(s.id());
        } catch (RuntimeServiceException.NotFound e) {
          // Gone is stopped.
        }
      }
    }
  }
}
