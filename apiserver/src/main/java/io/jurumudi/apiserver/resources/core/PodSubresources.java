package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Binding;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusCause;
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
import io.jurumudi.machinery.codec.Decoding;
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
import org.jspecify.annotations.Nullable;

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

  /** Gives the pod that the binding names to a node. */
  public Message<?> bind(CallContext caller, String namespace, Message<?> binding, boolean dryRun) {
    String name = ((Binding) binding).metadata().name();
    if (name.isEmpty()) {
      throw ApiException.badRequest("Name parameter required.");
    }
    return bind(
        caller,
        namespace,
        name,
        binding,
        new WriteOptions(dryRun, "", Decoding.IGNORE, false, false, false));
  }

  /** Gives a pod to a node; fails when it has one. */
  public Message<?> bind(
      CallContext caller, String namespace, String name, Message<?> body, WriteOptions options) {
    Binding binding = (Binding) body;
    String kind = binding.target().kind();
    String node = binding.target().name();
    if (!Set.of("", "Node").contains(kind)) {
      throw wrong(
          FieldError.notSupported(
              FieldPath.of("target", "kind"), kind, List.of("Node", "<empty>")));
    }
    if (node.isEmpty()) {
      throw wrong(FieldError.required(FieldPath.of("target", "name"), ""));
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
    Map<String, String> labels = new TreeMap<>(pod.metadata().labels());
    labels.putAll(binding.metadata().labels());
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
        .metadata(pod.metadata().toBuilder().annotations(annotations).labels(labels).build())
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

  /** Upstream answers a wrong binding with 500 and no reason. */
  private static ApiException wrong(FieldError error) {
    return ApiException.unknown(FieldError.aggregate(List.of(error)));
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
    } else {
      wanted = announce(caller, pod, wanted);
    }
    var unused = verbs.deletes().delete(target(namespace, name), wanted, caller);
    return Status.builder().status("Success").code(201).build();
  }

  /**
   * Says in the pod's status why it is about to go.
   *
   * @return the options; a precondition on the version is now on the one with that status
   */
  private DeleteOptions announce(CallContext caller, Pod pod, DeleteOptions options) {
    Preconditions only = options.preconditions();
    String name = pod.metadata().name();
    Pod announced =
        verbs
            .updates()
            .modify(
                target(pod.metadata().namespace(), name),
                current -> evicting(current, only),
                WriteOptions.INTERNAL.asApplied(),
                caller,
                true)
            .object();
    if (only == null || only.resourceVersion() == null || only.resourceVersion().isEmpty()) {
      return options;
    }
    return options.toBuilder()
        .preconditions(
            only.toBuilder().resourceVersion(announced.metadata().resourceVersion()).build())
        .build();
  }

  private Pod evicting(Pod pod, @Nullable Preconditions only) {
    if (only != null) {
      differs("UID", only.uid(), pod.metadata().uid(), pod);
      differs("ResourceVersion", only.resourceVersion(), pod.metadata().resourceVersion(), pod);
    }
    PodCondition condition =
        PodCondition.builder()
            .type("DisruptionTarget")
            .status("True")
            .reason("EvictionByEvictionAPI")
            .message("Eviction API: evicting")
            .lastTransitionTime(clock.instant().truncatedTo(ChronoUnit.SECONDS))
            .build();
    List<PodCondition> conditions = new ArrayList<>();
    for (PodCondition c : pod.status().conditions()) {
      if (!c.type().equals(condition.type())) {
        conditions.add(c);
      } else if (c.status().equals("True") && c.reason().equals(condition.reason())) {
        return pod;
      }
    }
    conditions.add(condition);
    return pod.toBuilder().status(pod.status().toBuilder().conditions(conditions).build()).build();
  }

  private static void differs(String what, @Nullable String wanted, String is, Pod pod) {
    if (wanted != null && !wanted.isEmpty() && !wanted.equals(is)) {
      throw ApiException.conflict(
          Resources.PODS,
          pod.metadata().name(),
          "the "
              + what
              + " in the precondition ("
              + wanted
              + ") does not match the "
              + what
              + " in record ("
              + is
              + ")");
    }
  }

  /** A pod that is not ready counts for no budget, unless that is short of healthy ones. */
  private static boolean evictable(PodDisruptionBudget budget, Pod pod) {
    boolean ready =
        pod.status().conditions().stream()
            .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
    var status = budget.status();
    return !ready
        && ("AlwaysAllow".equals(budget.spec().unhealthyPodEvictionPolicy())
            || (status.currentHealthy() >= status.desiredHealthy() && status.desiredHealthy() > 0));
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
      if (evictable(budget, pod)) {
        continue;
      }
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

  private static ApiException refused(String why) {
    return new ApiException(
        Status.builder()
            .status("Failure")
            .code(429)
            .reason("TooManyRequests")
            .message("Cannot evict pod as it would violate the pod's disruption budget.")
            .details(
                StatusDetails.builder()
                    .causes(
                        List.of(
                            StatusCause.builder().reason("DisruptionBudget").message(why).build()))
                    .build())
            .build());
  }

  private PodDisruptionBudget disrupted(PodDisruptionBudget budget, Pod pod) {
    var status = budget.status();
    String name = budget.metadata().name();
    if (status.observedGeneration() < budget.metadata().generation()) {
      throw refused("The disruption budget " + name + " is still being processed by the server.");
    }
    if (status.disruptionsAllowed() <= 0) {
      throw refused(
          "The disruption budget "
              + name
              + " needs "
              + status.desiredHealthy()
              + " healthy pods and has "
              + status.currentHealthy()
              + " currently");
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
