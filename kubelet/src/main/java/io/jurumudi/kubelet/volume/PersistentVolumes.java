package io.jurumudi.kubelet.volume;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.kubelet.container.ConfigException;
import java.io.IOException;

/** Finds the directory behind a claim. */
public interface PersistentVolumes {
  /**
   * @param readOnly the pod asks for no more
   * @throws ConfigException the claim is missing, not bound, or of a kind this node cannot mount
   */
  MountedVolume resolve(Pod pod, String claim, boolean readOnly)
      throws ConfigException, IOException;
}
