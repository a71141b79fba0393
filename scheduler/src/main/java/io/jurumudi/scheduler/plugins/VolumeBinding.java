package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.TopologySelectorTerm;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.placement.NodeSelectors;
import io.jurumudi.machinery.volumes.VolumeMatching;
import io.jurumudi.scheduler.framework.ClaimBinder;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends pods where their volumes can be used, and chooses volumes for claims that wait for their
 * first consumer: free ones that the node can reach, or new ones made for the node.
 *
 * <p>{@link #taken} holds volumes that were chosen for a pod whose binding is under way.
 */
public final class VolumeBinding
    implements Plugin.PreFilter, Plugin.Filter, Plugin.Reserve, Plugin.PreBind {
  private static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";
  private static final String NODE_CONFLICT = "node(s) had volume node affinity conflict";
  private static final String NO_VOLUME =
      "node(s) didn't find available persistent volumes to bind";

  private final ClusterView view;
  private final ClaimBinder binder;
  private final Map<String, String> taken = new ConcurrentHashMap<>();

  public VolumeBinding(ClusterView view, ClaimBinder binder) {
    this.view = view;
    this.binder = binder;
  }

  /** A pod's claims: those that have a volume, and those that wait for the pod's node. */
  private record Claims(
      List<PersistentVolumeClaim> bound, List<PersistentVolumeClaim> waiting, Snapshot snapshot) {}

  /** What a node would have to be given: volumes by their claims, and claims to be provided for. */
  private record Choice(
      Map<PersistentVolumeClaim, PersistentVolume> volumes,
      List<PersistentVolumeClaim> provision) {}

  @Override
  public String name() {
    return "VolumeBinding";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    List<PersistentVolumeClaim> bound = new ArrayList<>();
    List<PersistentVolumeClaim> waiting = new ArrayList<>();
    boolean immediate = false;
    for (Volume volume : pod.pod().spec().volumes()) {
      Optional<String> name = VolumeMatching.claimOf(pod.pod(), volume);
      if (name.isEmpty()) {
        continue;
      }
      Optional<PersistentVolumeClaim> found = view.claim(pod.namespace(), name.get());
      Optional<String> problem = problem(pod, volume, name.get(), found);
      if (problem.isPresent()) {
        return PreFilterResult.rejected(Status.unresolvable(problem.get()));
      }
      PersistentVolumeClaim claim = found.orElseThrow();
      if (VolumeMatching.fullyBound(claim)) {
        bound.add(claim);
      } else if (claim.spec().volumeName().isEmpty() && waitsForConsumer(claim)) {
        waiting.add(claim);
      } else {
        immediate = true;
      }
    }
    if (immediate) {
      return PreFilterResult.rejected(
          Status.unresolvable("pod has unbound immediate PersistentVolumeClaims"));
    }
    if (bound.isEmpty() && waiting.isEmpty()) {
      return PreFilterResult.SKIP;
    }
    // The least first, so that a small claim does not take the only volume a large one could.
    waiting.sort(
        Comparator.comparing(c -> c.spec().resources().requests().getOrDefault("storage", ZERO)));
    state.put(this, new Claims(bound, waiting, snapshot));
    return PreFilterResult.SUCCESS;
  }

  private static final io.jurumudi.api.resource.Quantity ZERO =
      io.jurumudi.api.resource.Quantity.ZERO;

  private static Optional<String> problem(
      PodInfo pod, Volume volume, String name, Optional<PersistentVolumeClaim> found) {
    if (found.isEmpty()) {
      return Optional.of(
          volume.ephemeral() == null
              ? "persistentvolumeclaim \"" + name + "\" not found"
              : "waiting for ephemeral volume controller to create the persistentvolumeclaim \""
                  + name
                  + "\"");
    }
    PersistentVolumeClaim claim = found.get();
    if (claim.status().phase().equals("Lost")) {
      return Optional.of(
          "persistentvolumeclaim \""
              + name
              + "\" bound to non-existent persistentvolume \""
              + claim.spec().volumeName()
              + "\"");
    }
    if (claim.metadata().deletionTimestamp() != null) {
      return Optional.of("persistentvolumeclaim \"" + name + "\" is being deleted");
    }
    if (volume.ephemeral() != null
        && claim.metadata().ownerReferences().stream()
            .noneMatch(owner -> owner.uid().equals(pod.uid()))) {
      return Optional.of(
          "PVC "
              + pod.namespace()
              + "/"
              + name
              + " was not created for pod "
              + pod
              + " (pod is not owner)");
    }
    return Optional.empty();
  }

  private boolean waitsForConsumer(PersistentVolumeClaim claim) {
    return view.storageClass(VolumeMatching.storageClass(claim))
        .map(c -> "WaitForFirstConsumer".equals(c.volumeBindingMode()))
        .orElse(false);
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    Optional<Claims> claims = state.get(this, Claims.class);
    if (claims.isEmpty()) {
      return Status.SUCCESS;
    }
    for (PersistentVolumeClaim claim : claims.get().bound) {
      Optional<PersistentVolume> volume = view.volume(claim.spec().volumeName());
      if (volume.isEmpty()) {
        return Status.unresolvable(
            "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
      }
      if (!reaches(node, volume.get())) {
        return Status.unresolvable(NODE_CONFLICT);
      }
    }
    return choose(claims.get(), pod, node).isPresent()
        ? Status.SUCCESS
        : Status.unresolvable(NO_VOLUME);
  }

  private static boolean reaches(NodeInfo node, PersistentVolume volume) {
    var affinity = volume.spec().nodeAffinity();
    var required = affinity == null ? null : affinity.required();
    return required == null || NodeSelectors.matches(required, node.node());
  }

  /** Empty when the node cannot serve all claims. */
  private Optional<Choice> choose(Claims claims, PodInfo pod, NodeInfo node) {
    Choice choice = new Choice(new LinkedHashMap<>(), new ArrayList<>());
    Set<String> excluded = new HashSet<>();
    taken.forEach(
        (volume, uid) -> {
          if (!uid.equals(pod.uid())) {
            excluded.add(volume);
          }
        });
    for (PersistentVolumeClaim claim : claims.waiting) {
      String selected = claim.metadata().annotations().get(VolumeMatching.SELECTED_NODE);
      if (selected != null) {
        if (!selected.equals(node.name())) {
          return Optional.empty(); // being made for another node
        }
        choice.provision.add(claim);
        continue;
      }
      Optional<PersistentVolume> volume =
          VolumeMatching.find(claim, view.volumes(), excluded, v -> reaches(node, v), false);
      if (volume.isPresent()) {
        choice.volumes.put(claim, volume.get());
        excluded.add(volume.get().metadata().name());
      } else if (canProvision(claim, node)) {
        choice.provision.add(claim);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(choice);
  }

  private boolean canProvision(PersistentVolumeClaim claim, NodeInfo node) {
    Optional<StorageClass> storageClass = view.storageClass(VolumeMatching.storageClass(claim));
    return storageClass.isPresent()
        && !storageClass.get().provisioner().isEmpty()
        && !storageClass.get().provisioner().equals(NO_PROVISIONER)
        && (storageClass.get().allowedTopologies().isEmpty()
            || storageClass.get().allowedTopologies().stream()
                .anyMatch(term -> matches(term, node)));
  }

  private static boolean matches(TopologySelectorTerm term, NodeInfo node) {
    return term.matchLabelExpressions().stream()
        .allMatch(
            e -> {
              String value = node.label(e.key());
              return value != null && e.values().contains(value);
            });
  }

  @Override
  public Status reserve(CycleState state, PodInfo pod, String node) {
    Optional<Claims> claims = state.get(this, Claims.class);
    if (claims.isEmpty() || claims.get().waiting.isEmpty()) {
      return Status.SUCCESS;
    }
    Optional<Choice> choice =
        claims.get().snapshot.node(node).flatMap(info -> choose(claims.get(), pod, info));
    if (choice.isEmpty()) {
      return Status.unschedulable(NO_VOLUME);
    }
    state.put(this, choice.get());
    choice.get().volumes.values().forEach(v -> taken.put(v.metadata().name(), pod.uid()));
    return Status.SUCCESS;
  }

  @Override
  public void unreserve(CycleState state, PodInfo pod, String node) {
    taken.values().removeIf(uid -> uid.equals(pod.uid()));
  }

  @Override
  public Status preBind(CycleState state, PodInfo pod, String node) {
    Optional<Choice> choice = state.get(this, Choice.class);
    if (choice.isEmpty()) {
      return Status.SUCCESS;
    }
    List<String> names = new ArrayList<>();
    choice
        .get()
        .volumes
        .forEach(
            (claim, volume) -> {
              binder.bind(volume, claim);
              names.add(claim.metadata().name());
            });
    for (PersistentVolumeClaim claim : choice.get().provision) {
      binder.select(claim, node);
      names.add(claim.metadata().name());
    }
    Optional<String> failure = binder.await(pod.pod(), names, node);
    // Whatever became of them, the volumes themselves tell by now.
    unreserve(state, pod, node);
    return failure.map(Status::unresolvable).orElse(Status.SUCCESS);
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded _ -> true;
      case ClusterEvent.NodeChanged changed -> changed.labelsChanged();
      case ClusterEvent.StorageClassChanged _ -> true;
      case ClusterEvent.VolumeChanged changed -> concerns(rejected, changed.after());
      case ClusterEvent.ClaimChanged changed ->
          changed.after().metadata().namespace().equals(rejected.namespace())
              && VolumeMatching.claimsOf(rejected.pod())
                  .contains(changed.after().metadata().name());
      default -> false;
    };
  }

  /** A volume that belongs to someone else helps nobody. */
  private static boolean concerns(PodInfo pod, PersistentVolume volume) {
    ObjectReference reference = volume.spec().claimRef();
    return reference == null
        || (reference.namespace().equals(pod.namespace())
            && VolumeMatching.claimsOf(pod.pod()).contains(reference.name()));
  }
}
