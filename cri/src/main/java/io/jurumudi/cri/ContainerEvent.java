package io.jurumudi.cri;

import java.time.Instant;

/** Something happened to a container, or to a sandbox when {@code containerId} is empty. */
public record ContainerEvent(Type type, String sandboxId, String containerId, Instant at) {
  /** As in CRI ContainerEventType. */
  public enum Type {
    CREATED,
    STARTED,
    STOPPED,
    DELETED
  }
}
