package io.jurumudi.controllers.pods;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Resource;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Creates, deletes, adopts and releases pods for the owners of one kind, says so in events, and
 * knows whether the informer shows all that by now.
 */
public final class PodControl {
  private final Resource<Pod> client;
  private final Informer<Pod> pods;
  private final EventRecorder events;
  private final Freshness<ObjectKey> freshness = new Freshness<>();

  public PodControl(ControllerContext context, EventRecorder events) {
    this.client = context.client().resource(Resources.PODS);
    this.pods = context.informers().informer(Resources.PODS);
    this.events = events;
  }

  /** Whether the informer shows all that was written for this owner. */
  public boolean caughtUp(ObjectKey owner) {
    return freshness.caughtUp(owner, pods.resourceVersion());
  }

  public void forget(ObjectKey owner) {
    freshness.forget(owner);
  }

  /** Takes note of a pod that was written for the owner elsewhere. */
  public Pod wrote(KubernetesObject<?> owner, Pod pod) {
    freshness.wrote(ObjectKey.of(owner), pod.metadata().resourceVersion());
    return pod;
  }

  /**
   * The owner's pods, after it has adopted and released what it should.
   *
   * @param adoptable which orphans that the selector matches may be adopted
   * @param finalizer the owner's own, which released pods lose too; empty for none
   */
  public List<Pod> claim(
      ResourceType<?> ownerType,
      KubernetesObject<?> owner,
      LabelSelector selector,
      Predicate<Pod> adoptable,
      String finalizer) {
    Claims<Pod> claims =
        Claims.of(owner, LabelSelectors.of(selector), pods.list(owner.metadata().namespace()));
    List<Pod> owned = new ArrayList<>(claims.owned());
    for (Pod pod : claims.adopt()) {
      if (adoptable.test(pod)) {
        String patch = Claims.adoptPatch(Owners.reference(ownerType, owner), pod.metadata().uid());
        owned.add(patch(owner, pod, patch));
      }
    }
    for (Pod pod : claims.release()) {
      patch(
          owner, pod, Claims.releasePatch(owner.metadata().uid(), pod.metadata().uid(), finalizer));
    }
    return owned;
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
      Pod created = wrote(owner, client.create(pod));
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

  /** Deletes the pod; one that is gone is as good as deleted. */
  public void delete(KubernetesObject<?> owner, Pod pod) {
    try {
      client
          .delete(pod.metadata().namespace(), pod.metadata().name())
          .ifPresent(deleted -> wrote(owner, deleted));
      events.event(owner, "Normal", "SuccessfulDelete", "Deleted pod: " + pod.metadata().name());
    } catch (ApiException e) {
      if (e.code() != 404) {
        events.event(owner, "Warning", "FailedDelete", "Error deleting: " + e.getMessage());
        throw e;
      }
    }
  }

  private Pod patch(KubernetesObject<?> owner, Pod pod, String patch) {
    return wrote(
        owner,
        client.patch(
            pod.metadata().namespace(),
            pod.metadata().name(),
            PatchType.STRATEGIC,
            patch.getBytes(StandardCharsets.UTF_8),
            ""));
  }

  /** The refusal that a namespace being deleted gives: nothing to report, the owner goes too. */
  public static boolean namespaceTerminating(ApiException e) {
    return e.status().details() != null
        && e.status().details().causes().stream()
            .anyMatch(c -> c.reason().equals("NamespaceTerminating"));
  }
}
