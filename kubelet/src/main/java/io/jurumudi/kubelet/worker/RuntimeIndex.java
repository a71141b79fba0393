package io.jurumudi.kubelet.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.pod.PodRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which sandboxes and containers of the engine belong to which pod. Learns from the engine's events
 * and, after a start, from one listing. Any thread; the maps are guarded by this object.
 */
public final class RuntimeIndex {
  private final RuntimeService runtime;
  private final String runtimeName;

  @GuardedBy("this")
  private final Map<String, Set<String>> sandboxesByPod = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, String> podBySandbox = new HashMap<>();

  /** Termination messages by container id: an ended container's never changes. */
  @GuardedBy("this")
  private final Map<String, String> messages = new HashMap<>();

  public RuntimeIndex(RuntimeService runtime) {
    this.runtime = runtime;
    this.runtimeName = runtime.version().runtimeName();
  }

  public String runtimeName() {
    return runtimeName;
  }

  /** Lists everything; returns the uids of the pods that have a sandbox of ours. */
  public Set<String> relist() {
    Set<String> pods = new LinkedHashSet<>();
    for (PodSandboxStatus s : runtime.listPodSandboxes()) {
      String uid = s.labels().get(KubeletLabels.POD_UID);
      if (uid != null) {
        remember(uid, s.id());
        pods.add(uid);
      }
    }
    return pods;
  }

  public synchronized void remember(String uid, String sandboxId) {
    sandboxesByPod.computeIfAbsent(uid, u -> new LinkedHashSet<>()).add(sandboxId);
    podBySandbox.put(sandboxId, uid);
  }

  /** The pod that an event is about; empty when the sandbox is not one of ours. */
  public Optional<String> pod(ContainerEvent event) {
    synchronized (this) {
      String uid = podBySandbox.get(event.sandboxId());
      if (uid != null) {
        return Optional.of(uid);
      }
    }
    try {
      String uid = runtime.podSandboxStatus(event.sandboxId()).labels().get(KubeletLabels.POD_UID);
      if (uid == null) {
        return Optional.empty();
      }
      remember(uid, event.sandboxId());
      return Optional.of(uid);
    } catch (RuntimeServiceException e) {
      return Optional.empty();
    }
  }

  /** What the engine holds for a pod now. */
  public PodRuntime of(String uid) {
    List<String> ids;
    synchronized (this) {
      ids = List.copyOf(sandboxesByPod.getOrDefault(uid, Set.of()));
    }
    List<PodSandboxStatus> sandboxes = new ArrayList<>(ids.size());
    List<ContainerRun> containers = new ArrayList<>();
    for (String id : ids) {
      try {
        sandboxes.add(runtime.podSandboxStatus(id));
        for (ContainerStatus c : runtime.listContainers(id)) {
          containers.add(ContainerRun.of(c, message(c)));
        }
      } catch (RuntimeServiceException.NotFound e) {
        forgetSandbox(id);
      }
    }
    return new PodRuntime(runtimeName, sandboxes, containers);
  }

  /** The statuses themselves, for what {@link ContainerRun} does not carry. */
  public Optional<ContainerStatus> container(String id) {
    try {
      return Optional.of(runtime.containerStatus(id));
    } catch (RuntimeServiceException.NotFound e) {
      return Optional.empty();
    }
  }

  private String message(ContainerStatus c) {
    if (c.state() != ContainerState.EXITED) {
      return "";
    }
    synchronized (this) {
      String known = messages.get(c.id());
      if (known != null) {
        return known;
      }
    }
    String message = TerminationMessages.of(c);
    synchronized (this) {
      messages.put(c.id(), message);
    }
    return message;
  }

  public synchronized void forgetContainer(String id) {
    messages.remove(id);
  }

  public synchronized void forgetSandbox(String id) {
    String uid = podBySandbox.remove(id);
    if (uid != null) {
      Set<String> ids = sandboxesByPod.getOrDefault(uid, new LinkedHashSet<>());
      ids.remove(id);
      if (ids.isEmpty()) {
        sandboxesByPod.remove(uid);
      }
    }
  }
}
