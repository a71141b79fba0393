package io.jurumudi.kubelet.objects;

import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.kubelet.worker.PodEvents;

/** Events about pods, written to the API by the recorder in the background. */
public final class ApiPodEvents implements PodEvents {
  private final EventRecorder recorder;

  public ApiPodEvents(EventRecorder recorder) {
    this.recorder = recorder;
  }

  @Override
  public void pod(Pod pod, boolean warning, String reason, String message) {
    event(reference(pod, ""), warning, reason, message);
  }

  @Override
  public void container(Pod pod, String container, boolean warning, String reason, String message) {
    String list = "spec.containers{";
    if (pod.spec().initContainers().stream().anyMatch(c -> c.name().equals(container))) {
      list = "spec.initContainers{";
    } else if (pod.spec().ephemeralContainers().stream()
        .anyMatch(c -> c.name().equals(container))) {
      list = "spec.ephemeralContainers{";
    }
    event(reference(pod, list + container + "}"), warning, reason, message);
  }

  private void event(ObjectReference about, boolean warning, String reason, String message) {
    recorder.event(about, warning ? "Warning" : "Normal", reason, message);
  }

  private static ObjectReference reference(Pod pod, String fieldPath) {
    return ObjectReference.builder()
        .apiVersion("v1")
        .kind("Pod")
        .namespace(pod.metadata().namespace())
        .name(pod.metadata().name())
        .uid(pod.metadata().uid())
        .resourceVersion(pod.metadata().resourceVersion())
        .fieldPath(fieldPath)
        .build();
  }
}
