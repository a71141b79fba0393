package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Pod;
import java.nio.file.Path;

/**
 * Where the kubelet keeps a pod's things.
 *
 * @param root the kubelet's own directory (upstream's /var/lib/kubelet)
 * @param logs of all pods (upstream's /var/log/pods)
 */
public record PodDirectories(Path root, Path logs) {
  public Path pods() {
    return root.resolve("pods");
  }

  public Path pod(String uid) {
    return pods().resolve(uid);
  }

  public Path volumes(String uid) {
    return pod(uid).resolve("volumes");
  }

  /** Upstream's layout: {@code volumes/kubernetes.io~configmap/NAME}. */
  public Path volume(String uid, String plugin, String name) {
    return volumes(uid).resolve("kubernetes.io~" + plugin).resolve(name);
  }

  public Path container(String uid, String container) {
    return pod(uid).resolve("containers").resolve(container);
  }

  public Path hostsFile(String uid) {
    return pod(uid).resolve("etc-hosts");
  }

  /** {@code NAMESPACE_NAME_UID} below the log root. */
  public Path podLogs(Pod pod) {
    return logs.resolve(
        pod.metadata().namespace() + "_" + pod.metadata().name() + "_" + pod.metadata().uid());
  }

  /** Relative to {@link #podLogs}: {@code CONTAINER/ATTEMPT.log}. */
  public static String logPath(String container, int attempt) {
    return container + "/" + attempt + ".log";
  }
}
