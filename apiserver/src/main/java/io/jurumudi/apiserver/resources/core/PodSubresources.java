package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Binding;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.api.policy.v1.Eviction;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.verbs.Target;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.WriteOptions;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What can be posted to a pod: its binding to a node, and its eviction from there. */
public final class PodSubresources {
  private final Catalog catalog;
  private final Verbs verbs;
  private final ServerObjects objects;
  private final InstantSource clock;

  public PodSubresources(Catalog catalog, Verbs verbs, ServerObjects objects, InstantSource clock) {
    this.catalog = catalog;
    this.verbs = verbs;
    this.objects = objects;
    this.clock = clock;
  }

  private Target<Pod, Pod> target(String namespace, String name) {
    Resource<Pod> pods = catalog.resource(Resources.PODS);
    return new Target<>(pods, pods.storedVersion(), namespace, name, BINDING);
  }

  /** Not a subresource that clients can update; the way a binding changes a pod. */
  static final String BINDING = "binding";

  /** Gives a pod to a node; fails when it has one. */
  public Message<?> bind(
      CallContext caller, String namespace, String name, Message<?> body, WriteOptions options) {
    Binding binding = (Binding) body;
    String kind = binding.target().kind();
    String node = binding.target().name();
    if (!Set.of("", "Node").contains(kind)) {
      throw invalid(
          name,
          FieldError.notSupported(
              FieldPath.of("target", "kind"), kind, List.of("Node", "<empty>")));
    }
    if (node.isEmpty()) {
      throw invalid(name, FieldError.required(FieldPath.of("target", "name"), ""));
    }
    verbs
        .updates()
        .modify(
            target(namespace, name),
            pod -> bound(pod, binding, node),
            options.asApplied(),
            caller,
            true);
    return Status.builder().status("Success").code(201).build();
  }

  private Pod bound(Pod pod, Binding binding, String node) {
    String name = pod.metadata().name();
    if (!binding.metadata().uid().isEmpty()
        && !binding.metadata().uid().equals(pod.metadata().uid())) {
      throw ApiException.conflict(
          Resources.PODS,
          name,
          "Precondition failed: UID in precondition: "
              + binding.metadata().uid()
              + ", UID in object meta: "
              + pod.metadata().uid());
    }
    if (pod.metadata().deletionTimestamp() != null) {
      throw conflict(name, "pod " + name + " is being deleted, cannot be assigned to a host");
    }
    if (!pod.spec().nodeName().isEmpty()) {
      throw conflict(
          name, "pod " + name + " is already assigned to node \"" + pod.spec().nodeName() + "\"");
    }
    if (!pod.spec().schedulingGates().isEmpty()) {
      throw conflict(name, "pod " + name + " has non-empty .spec.schedulingGates");
    }
    Map<String, String> annotations = new TreeMap<>(pod.metadata().annotations());
    annotations.putAll(binding.metadata().annotations());
    List<PodCondition> conditions = new ArrayList<>();
    pod.status().conditions().stream()
        .filter(c -> !c.type().equals("PodScheduled"))
        .forEach(conditions::add);
    conditions.add(
        PodCondition.builder()
            .type("PodScheduled")
            .status("True")
            .lastTransitionTime(clock.instant().truncatedTo(ChronoUnit.SECONDS))
            .build());
    return pod.toBuilder()
        .metadata(pod.metadata().toBuilder().annotations(annotations).build())
        .spec(pod.spec().toBuilder().nodeName(node).build())
        .status(pod.status().toBuilder().conditions(conditions).build())
        .build();
  }

  private static ApiException conflict(String name, String why) {
    return new ApiException(
        Status.builder()
            .status("Failure")
            .code(409)
            .reason("Conflict")
            .message("Operation cannot be fulfilled on pods/binding \"" + name + "\": " + why)
            .details(StatusDetails.builder().name(name).kind("pods/binding").build())
            .build());
  }

  private static ApiException invalid(String name, FieldError error) {
    return ApiException.invalid("", "Binding", name, List.of(error));
  }

  /** Deletes a pod, unless a disruption budget says that too few would be left. */
  public Message<?> evict(
      CallContext caller, String namespace, String name, Message<?> body, WriteOptions options) {
    Eviction eviction = (Eviction) body;
    if (!eviction.metadata().name().isEmpty() && !eviction.metadata().name().equals(name)) {
      throw ApiException.badRequest("name in URL does not match name in Eviction object");
    }
    Pod pod =
        objects
            .find(Resources.PODS, namespace, name)
            .orElseThrow(() -> ApiException.notFound(Resources.PODS, name));
    String phase = pod.status().phase();
    boolean disrupts =
        !Set.of("Succeeded", "Failed", "Pending").contains(phase)
            && pod.metadata().deletionTimestamp() == null;
    if (disrupts) {
      budgets(caller, pod, options);
    }
    DeleteOptions wanted =
        eviction.deleteOptions() == null ? DeleteOptions.EMPTY : eviction.deleteOptions();
    if (options.dryRun()) {
      wanted = wanted.toBuilder().dryRun(List.of("All")).build();
    }
    var unused = verbs.deletes().delete(target(namespace, name), wanted, caller);
    return Status.builder().status("Success").code(201).build();
  }

  private void budgets(CallContext caller, Pod pod, WriteOptions options) {
    List<PodDisruptionBudget> covering =
        objects.list(Resources.PODDISRUPTIONBUDGETS, pod.metadata().namespace()).stream()
            .filter(
                b ->
                    b.spec().selector() != null
                        && LabelSelectors.of(b.spec().selector()).matches(pod.metadata().labels()))
            .toList();
    if (covering.size() > 1) {
      throw ApiException.internalError(
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does"
              + " not support.");
    }
    for (PodDisruptionBudget budget : covering) {
      Resource<PodDisruptionBudget> resource = catalog.resource(Resources.PODDISRUPTIONBUDGETS);
      Target<PodDisruptionBudget, PodDisruptionBudget> target =
          new Target<>(
              resource,
              resource.storedVersion(),
              budget.metadata().namespace(),
              budget.metadata().name(),
              "status");
      verbs.updates().modify(target, b -> disrupted(b, pod), options, caller, true);
    }
  }

  private PodDisruptionBudget disrupted(PodDisruptionBudget budget, Pod pod) {
    var status = budget.status();
    if (status.disruptionsAllowed() <= 0
        || status.observedGeneration() < budget.metadata().generation()) {
      throw ApiException.tooManyRequests(
          "Cannot evict pod as it would violate the pod's disruption budget.", 0);
    }
    Map<String, Instant> disrupted = new TreeMap<>(status.disruptedPods());
    disrupted.put(pod.metadata().name(), clock.instant().truncatedTo(ChronoUnit.SECONDS));
    return budget.toBuilder()
        .status(
            status.toBuilder()
                .disruptionsAllowed(status.disruptionsAllowed() - 1)
                .disruptedPods(disrupted)
                .build())
        .build();
  }
}
