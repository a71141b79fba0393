package io.jurumudi.kubelet;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.meta.v1.ObjectMeta;
import java.util.List;
import java.util.function.UnaryOperator;

/** Pods and containers for tests, as the API server would have defaulted them. */
public final class Pods {
  private Pods() {}

  public static Container container(String name, String image) {
    return Container.builder()
        .name(name)
        .image(image)
        .imagePullPolicy("IfNotPresent")
        .terminationMessagePath("/dev/termination-log")
        .terminationMessagePolicy("File")
        .build();
  }

  public static Pod pod(String name, Container... containers) {
    return pod(name, s -> s.containers(List.of(containers)));
  }

  public static Pod pod(String name, UnaryOperator<PodSpec.Builder> spec) {
    return Pod.builder()
        .metadata(
            ObjectMeta.builder()
                .name(name)
                .namespace("default")
                .uid("uid-" + name)
                .resourceVersion("1")
                .generation(1)
                .build())
        .spec(
            spec.apply(
                    PodSpec.builder()
                        .restartPolicy("Always")
                        .dnsPolicy("ClusterFirst")
                        .nodeName("node")
                        .serviceAccountName("default")
                        .terminationGracePeriodSeconds(30L))
                .build())
        .build();
  }
}
