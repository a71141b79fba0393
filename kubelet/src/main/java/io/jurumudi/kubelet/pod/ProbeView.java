package io.jurumudi.kubelet.pod;

import java.util.Optional;

/** Results of probes by container id; empty where there is no such probe or no result yet. */
public interface ProbeView {
  Optional<ProbeResult> startup(String containerId);

  Optional<ProbeResult> liveness(String containerId);

  Optional<ProbeResult> readiness(String containerId);

  /** No probe ran. */
  ProbeView NONE =
      new ProbeView() {
        @Override
        public Optional<ProbeResult> startup(String containerId) {
          return Optional.empty();
        }

        @Override
        public Optional<ProbeResult> liveness(String containerId) {
          return Optional.empty();
        }

        @Override
        public Optional<ProbeResult> readiness(String containerId) {
          return Optional.empty();
        }
      };
}
