package io.jurumudi.kubelet.pod;

/**
 * Labels and annotations that the kubelet writes on sandboxes and containers, by which it finds
 * them again after a restart. Names as upstream (pkg/kubelet/types/labels.go,
 * kuberuntime/labels.go).
 */
public final class KubeletLabels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";

  public static final String CONTAINER_HASH = "io.kubernetes.container.hash";
  public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";
  public static final String TERMINATION_MESSAGE_PATH =
      "io.kubernetes.container.terminationMessagePath";
  public static final String TERMINATION_MESSAGE_POLICY =
      "io.kubernetes.container.terminationMessagePolicy";
  public static final String TERMINATION_GRACE_PERIOD = "io.kubernetes.pod.terminationGracePeriod";
  public static final String DELETION_GRACE_PERIOD = "io.kubernetes.pod.deletionGracePeriod";

  /** JSON of the ResourceRequirements that a container was made with. */
  public static final String RESOURCES = "jurumudi.io/container.resources";

  /** Where a pod came from: {@code api} or {@code file}. */
  public static final String CONFIG_SOURCE = "kubernetes.io/config.source";

  public static final String CONFIG_HASH = "kubernetes.io/config.hash";
  public static final String CONFIG_MIRROR = "kubernetes.io/config.mirror";

  private KubeletLabels() {}
}
