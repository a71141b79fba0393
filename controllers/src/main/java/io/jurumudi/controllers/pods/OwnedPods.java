package io.jurumudi.controllers.pods;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Leads changes of pods, and of the owners themselves, to the owner's key in the work queue. An
 * orphan leads to every owner whose selector would take it.
 */
public final class OwnedPods {
  private OwnedPods() {}

  /**
   * @param selector the owner's pod selector, null for none
   */
  public static <T extends KubernetesObject<T>> void watch(
      ControllerContext context,
      ResourceType<T> type,
      Informer<T> owners,
      Function<T, @Nullable LabelSelector> selector,
      Controller<ObjectKey> queue) {
    owners.addHandler(EventHandler.of(owner -> queue.enqueue(ObjectKey.of(owner))));
    context
        .informers()
        .informer(Resources.PODS)
        .addHandler(
            new EventHandler<Pod>() {
              @Override
              public void onAdd(Pod pod) {
                lead(pod);
              }

              @Override
              public void onUpdate(Pod old, Pod pod) {
                Optional<OwnerReference> before = Owners.controller(old.metadata());
                if (before.isPresent() && !before.equals(Owners.controller(pod.metadata()))) {
                  lead(old);
                }
                lead(pod);
              }

              @Override
              public void onDelete(Pod pod) {
                lead(pod);
              }

              private void lead(Pod pod) {
                String namespace = pod.metadata().namespace();
                Optional<OwnerReference> controller = Owners.controller(pod.metadata());
                if (controller.isPresent()) {
                  if (controller.get().kind().equals(type.kind())) {
                    queue.enqueue(new ObjectKey(namespace, controller.get().name()));
                  }
                  return;
                }
                for (T owner : owners.list(namespace)) {
                  LabelSelector wanted = selector.apply(owner);
                  if (wanted != null
                      && LabelSelectors.of(wanted).matches(pod.metadata().labels())) {
                    queue.enqueue(ObjectKey.of(owner));
                  }
                }
              }
            });
  }
}
