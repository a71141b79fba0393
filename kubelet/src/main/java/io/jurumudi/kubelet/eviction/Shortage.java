package io.jurumudi.kubelet.eviction;

/**
 * Less of something is left than the node needs to stay alive.
 *
 * @param resource as messages name it: memory or ephemeral-storage
 * @param condition of the node that then holds, such as MemoryPressure
 * @param threshold least that should be left, in bytes
 */
public record Shortage(String resource, String condition, long available, long threshold) {
  /** The node's condition in words, as upstream has them. */
  public String conditionMessage() {
    return condition.equals("MemoryPressure")
        ? "kubelet has insufficient memory available"
        : "kubelet has disk pressure";
  }
}
