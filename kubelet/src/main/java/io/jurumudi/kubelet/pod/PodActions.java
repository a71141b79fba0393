package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import java.util.List;

/**
 * What one sync has to do to a pod, in this order: kill (the whole pod, or some containers), make a
 * sandbox, resize what runs, start ephemeral, init and regular containers. Indexes are into the
 * pod's own lists.
 *
 * @param killPod stop all containers and the sandbox
 * @param sandboxId the sandbox to work in; empty when there is none to reuse
 * @param attempt number of the sandbox, of the new one when one is made
 */
public record PodActions(
    boolean killPod,
    boolean createSandbox,
    String sandboxId,
    int attempt,
    List<Kill> kills,
    List<Resize> resizes,
    List<Integer> ephemeralToStart,
    List<Integer> initToStart,
    List<Integer> toStart) {

  /** Why a container is killed: decides which grace period counts. */
  public enum KillReason {
    UNKNOWN,
    STARTUP_PROBE,
    LIVENESS_PROBE,
    FAILED_POST_START_HOOK
  }

  /** A container to stop; the message becomes its Killing event. */
  public record Kill(String containerId, String name, String message, KillReason reason) {}

  /** A running container that gets other resources; {@code container} states the new ones. */
  public record Resize(String containerId, Container container) {}

  public boolean nothing() {
    return !killPod
        && !createSandbox
        && kills.isEmpty()
        && resizes.isEmpty()
        && ephemeralToStart.isEmpty()
        && initToStart.isEmpty()
        && toStart.isEmpty();
  }
}
