package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import java.util.List;
import java.util.Optional;

/** Carries out what was decided about a pod's claims. Its methods block. */
public interface ClaimBinder {
  /** Sets the volume aside for the claim; the volume's controller does the rest. */
  void bind(PersistentVolume volume, PersistentVolumeClaim claim);

  /** Asks for a volume to be made for the claim that the node can use. */
  void select(PersistentVolumeClaim claim, String node);

  /**
   * Waits until all these claims of the pod are bound.
   *
   * @param node where the pod is to go
   * @return why they will not be; empty when they are
   */
  Optional<String> await(Pod pod, List<String> claims, String node);
}
