package io.jurumudi.cri;

import java.util.List;

/**
 * Gives a sandbox its network (CNI ADD and DEL). Idempotent: a second setUp of the same id answers
 * the same addresses; tearDown of what is gone succeeds.
 */
public interface PodNetwork {
  /**
   * @param netnsPath file that the network namespace is bound to
   * @return the sandbox's addresses, the first is the pod's IP
   */
  List<String> setUp(String sandboxId, String netnsPath, PodSandboxConfig config);

  void tearDown(String sandboxId, String netnsPath, PodSandboxConfig config);

  /** Empty when pods can be given a network, else what is wrong. */
  String status();
}
