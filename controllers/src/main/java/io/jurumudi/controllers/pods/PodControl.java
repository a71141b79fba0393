package io.jurumudi.controllers.pods;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Creates, deletes, adopts and releases pods for an owner, and says so in events. */
public final class PodControl {
  private final io.jurumudi.client.Resource<Pod> pods;
  private final EventRecorder events;

  public PodControl(Client client, EventRecorder events) {
    this.pods = client.resource(Resources.PODS);
    this.events = events;
  }

  /** A pod of the template, named after and controlled by the owner. */
  public static Pod podOf(
      PodTemplateSpec template, ResourceType<?> ownerType, KubernetesObject<?> owner) {
    return Pod.builder()
        .metadata(
            m ->
                m.namespace(owner.metadata().namespace())
                    .generateName(owner.metadata().name() + "-")
                    .labels(template.metadata().labels())
                    .annotations(template.metadata().annotations())
                    .finalizers(template.metadata().finalizers())
                    .ownerReferences(List.of(Owners.reference(ownerType, owner))))
        .spec(template.spec())
        .build();
  }

  /** Creates the pod; an event on the owner tells of success and failure. */
  public Pod create(KubernetesObject<?> owner, Pod pod) {
    try {
      Pod created = pods.create(pod);
      events.event(
          owner, "Normal", "SuccessfulCreate", "Created pod: " + created.metadata().name());
      return created;
    } catch (ApiException e) {
      if (!namespaceTerminating(e)) {
        events.event(owner, "Warning", "FailedCreate", "Error creating: " + e.getMessage());
      }
      throw e;
    }
  }

  /** Deletes the pod, and returns it as it is now; one that is gone is as good as deleted. */
  public Optional<Pod> delete(KubernetesObject<?> owner, Pod pod) {
    try {
      Optional<Pod> deleted = pods.delete(pod.metadata().namespace(), pod.metadata().name());
      events.event(owner, "Normal", "SuccessfulDelete", "Deleted pod: " + pod.metadata().name());
      return deleted;
    } catch (ApiException e) {
      if (e.code() != 404) {
        events.event(owner, "Warning", "FailedDelete", "Error deleting: " + e.getMessage());
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Makes {@code owner} the controller of the pod. */
  public Pod adopt(ResourceType<?> ownerType, KubernetesObject<?> owner, Pod pod) {
    return patch(pod, Claims.adoptPatch(Owners.reference(ownerType, owner), pod.metadata().uid()));
  }

  public Pod release(KubernetesObject<?> owner, Pod pod) {
    return release(owner, pod, "");
  }

  /** As above; the owner's finalizer goes too. */
  public Pod release(KubernetesObject<?> owner, Pod pod, String finalizer) {
    return patch(pod, Claims.releasePatch(owner.metadata().uid(), pod.metadata().uid(), finalizer));
  }

  private Pod patch(Pod pod, String patch) {
    return pods.patch(
        pod.metadata().namespace(),
        pod.metadata().name(),
        io.jurumudi.client.PatchType.STRATEGIC,
        patch.getBytes(StandardCharsets.UTF_8),
        "");
  }

  /** The refusal that a namespace being deleted gives: nothing to report, the owner goes too. */
  private static boolean namespaceTerminating(ApiException e) {
    return e.status().details() != null
        && e.status().details().causes().stream()
            .anyMatch(c -> c.reason().equals("NamespaceTerminating"));
  }
}
