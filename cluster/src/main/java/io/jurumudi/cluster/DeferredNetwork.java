package io.jurumudi.cluster;

import io.jurumudi.cri.PodNetwork;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.RuntimeServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's pod network before its range of addresses is known. Until it is given the real one it
 * answers that it is not ready, and the kubelet keeps the node so.
 *
 * <p>The field is set once, by the node that starts.
 */
final class DeferredNetwork implements PodNetwork {
  private volatile @Nullable PodNetwork network;

  void set(PodNetwork real) {
    network = real;
  }

  @Override
  public List<String> setUp(String sandboxId, String netnsPath, PodSandboxConfig config) {
    return real().setUp(sandboxId, netnsPath, config);
  }

  @Override
  public void tearDown(String sandboxId, String netnsPath, PodSandboxConfig config) {
    real().tearDown(sandboxId, netnsPath, config);
  }

  @Override
  public String status() {
    PodNetwork real = network;
    return real == null ? "the node has no range of pod addresses yet" : real.status();
  }

  private PodNetwork real() {
    PodNetwork real = network;
    if (real == null) {
      throw new RuntimeServiceException(status());
    }
    return real;
  }
}
