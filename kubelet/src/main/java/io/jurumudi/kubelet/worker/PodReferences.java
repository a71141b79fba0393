package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.kubelet.container.ConfigException;
import java.util.List;

/** The configuration objects that pods refer to, watched for as long as a pod needs them. */
public interface PodReferences {
  /** From now on a change of an object that this pod refers to wakes its worker. */
  void register(Pod pod);

  void unregister(String podUid);

  /**
   * The handler that the pod's RuntimeClass names; empty without one.
   *
   * @throws ConfigException when there is no such class
   */
  String runtimeHandler(Pod pod) throws ConfigException;

  /** Pull secrets of the pod that exist. */
  List<Secret> pullSecrets(Pod pod);
}
