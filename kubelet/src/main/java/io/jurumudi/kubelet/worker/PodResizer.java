package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.container.Limits;
import io.jurumudi.kubelet.pod.PodActions;
import io.jurumudi.kubelet.pod.PodActions.Resize;
import io.jurumudi.kubelet.pod.ResourceState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Gives a pod's cgroup and its running containers the resources that the pod was granted
 * (upstream's doPodResizeAction). At no time do containers have more than their pod: the pod grows
 * before them and shrinks after them.
 */
final class PodResizer {
  private final PodServices services;

  PodResizer(PodServices services) {
    this.services = services;
  }

  /** Whether the pod's cgroup has something else than it should. */
  boolean podDiffers(Pod allocated) {
    LinuxResources has = services.resizes().podCgroup(allocated.metadata().uid()).orElse(null);
    return has != null && !merge(has, Limits.ofPod(allocated)).equals(has);
  }

  /**
   * @param allocated with the resources it was granted
   * @throws RuntimeServiceException when the engine refuses or it would not fit; some may be done
   */
  void apply(Pod allocated, PodActions plan) {
    String uid = allocated.metadata().uid();
    ResourceState before = services.resizes().actuated(allocated);
    LinuxResources has = services.resizes().podCgroup(uid).orElse(LinuxResources.NONE);
    LinuxResources wants = merge(has, Limits.ofPod(allocated));
    checkMemory(allocated, plan, before, has, wants);

    boolean memoryGrows = grows(has.memoryLimitBytes(), wants.memoryLimitBytes());
    if (memoryGrows) {
      pod(plan, memory(wants));
    }
    for (Resize r : ordered(allocated, plan, before, LinuxResources::memoryLimitBytes)) {
      services
          .runtime()
          .updateContainerResources(r.containerId(), memory(of(allocated, r.container())));
    }
    if (!memoryGrows && has.memoryLimitBytes() != wants.memoryLimitBytes()) {
      pod(plan, memory(wants));
    }

    boolean cpuGrows = grows(has.cpuQuotaMicros(), wants.cpuQuotaMicros());
    if (cpuGrows) {
      pod(plan, quota(wants));
    }
    if (has.cpuShares() != wants.cpuShares()) {
      pod(plan, new LinuxResources(0, 0, wants.cpuShares(), 0, null, "", "", Map.of()));
    }
    for (Resize r : ordered(allocated, plan, before, LinuxResources::cpuQuotaMicros)) {
      services
          .runtime()
          .updateContainerResources(r.containerId(), cpu(of(allocated, r.container())));
    }
    if (!cpuGrows && has.cpuQuotaMicros() != wants.cpuQuotaMicros()) {
      pod(plan, quota(wants));
    }
    services.resizes().podCgroup(allocated, wants);
    for (Resize r : plan.resizes()) {
      services.resizes().actuated(uid, r.container().name(), r.container().resources());
    }
  }

  private void pod(PodActions plan, LinuxResources resources) {
    services.runtime().updatePodSandboxResources(plan.sandboxId(), resources);
  }

  /** No limit is 0 and more than any. */
  private static boolean grows(long from, long to) {
    return from != 0 && (to == 0 || to > from);
  }

  private LinuxResources of(Pod pod, Container c) {
    return services.configs().limits(pod, c);
  }

  /** Those that shrink first: the others may need their room. */
  private List<Resize> ordered(
      Pod allocated, PodActions plan, ResourceState before, ToLongFunction<LinuxResources> amount) {
    Pod old = before.applyTo(allocated);
    List<Resize> ordered = new ArrayList<>(plan.resizes());
    ordered.sort(
        Comparator.comparing(
            r ->
                grows(
                    amount.applyAsLong(of(old, find(old, r.container()))),
                    amount.applyAsLong(of(allocated, r.container())))));
    return ordered;
  }

  private static Container find(Pod pod, Container c) {
    return ResourceState.resizable(pod)
        .filter(o -> o.name().equals(c.name()))
        .findFirst()
        .orElse(c);
  }

  /** A limit below what is in use would kill: it is refused and tried again. */
  private void checkMemory(
      Pod allocated,
      PodActions plan,
      ResourceState before,
      LinuxResources has,
      LinuxResources wants) {
    List<String> problems = new ArrayList<>();
    if (shrinks(has.memoryLimitBytes(), wants.memoryLimitBytes())) {
      long used = services.runtime().podSandboxStats(plan.sandboxId()).memoryUsageBytes();
      if (used >= wants.memoryLimitBytes()) {
        problems.add(
            "attempting to set pod memory limit ("
                + wants.memoryLimitBytes()
                + ") below current usage ("
                + used
                + ")");
      }
    }
    Pod old = before.applyTo(allocated);
    for (Resize r : plan.resizes()) {
      long from = of(old, find(old, r.container())).memoryLimitBytes();
      long to = of(allocated, r.container()).memoryLimitBytes();
      if (shrinks(from, to)) {
        long used = services.runtime().containerStats(r.containerId()).memoryUsageBytes();
        if (used >= to) {
          problems.add(
              "attempting to set container \""
                  + r.container().name()
                  + "\" memory limit ("
                  + to
                  + ") below current usage ("
                  + used
                  + ")");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new RuntimeServiceException(
          "cannot decrease memory limits: "
              + (problems.size() == 1
                  ? problems.getFirst()
                  : "[" + String.join(", ", problems) + "]"));
    }
  }

  private static boolean shrinks(long from, long to) {
    return to != 0 && (from == 0 || to < from);
  }

  /** What is not stated stays as it is: limits are not taken away (upstream's too). */
  private static LinuxResources merge(LinuxResources has, LinuxResources wants) {
    return new LinuxResources(
        or(wants.cpuPeriodMicros(), has.cpuPeriodMicros()),
        or(wants.cpuQuotaMicros(), has.cpuQuotaMicros()),
        or(wants.cpuShares(), has.cpuShares()),
        or(wants.memoryLimitBytes(), has.memoryLimitBytes()),
        null,
        "",
        "",
        Map.of());
  }

  private static long or(long a, long b) {
    return a != 0 ? a : b;
  }

  private static LinuxResources memory(LinuxResources r) {
    return new LinuxResources(0, 0, 0, r.memoryLimitBytes(), null, "", "", Map.of());
  }

  private static LinuxResources quota(LinuxResources r) {
    return new LinuxResources(
        r.cpuPeriodMicros(), r.cpuQuotaMicros(), 0, 0, null, "", "", Map.of());
  }

  private static LinuxResources cpu(LinuxResources r) {
    return new LinuxResources(
        r.cpuPeriodMicros(), r.cpuQuotaMicros(), r.cpuShares(), 0, null, "", "", Map.of());
  }
}
