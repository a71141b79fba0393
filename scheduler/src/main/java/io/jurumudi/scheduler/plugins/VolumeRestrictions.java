package io.jurumudi.scheduler.plugins;

import io.jurumudi.machinery.volumes.VolumeMatching;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Lets one pod only use a claim of access mode ReadWriteOncePod, on whatever node. */
public final class VolumeRestrictions implements Plugin.PreFilter, Plugin.Filter {
  /**
   * @param claims the pod's own exclusive claims
   * @param users uids of other pods that use them
   */
  private record Exclusive(Set<String> claims, Set<String> users) {}

  private final ClusterView view;

  public VolumeRestrictions(ClusterView view) {
    this.view = view;
  }

  @Override
  public String name() {
    return "VolumeRestrictions";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    Set<String> claims =
        VolumeMatching.claimsOf(pod.pod()).stream()
            .filter(
                name ->
                    view.claim(pod.namespace(), name)
                        .map(claim -> claim.spec().accessModes().contains("ReadWriteOncePod"))
                        .orElse(false))
            .collect(Collectors.toUnmodifiableSet());
    if (claims.isEmpty()) {
      return PreFilterResult.SKIP;
    }
    Set<String> users =
        snapshot.nodes().stream()
            .map(NodeInfo::pods)
            .flatMap(Collection::stream)
            .filter(other -> uses(other, pod, claims))
            .map(PodInfo::uid)
            .collect(Collectors.toUnmodifiableSet());
    state.put(this, new Exclusive(claims, users));
    return PreFilterResult.SUCCESS;
  }

  private static boolean uses(PodInfo other, PodInfo pod, Set<String> claims) {
    return other.namespace().equals(pod.namespace())
        && !other.uid().equals(pod.uid())
        && VolumeMatching.claimsOf(other.pod()).stream().anyMatch(claims::contains);
  }

  @Override
  public void addPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) {
    change(state, pod, added, true);
  }

  @Override
  public void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {
    change(state, pod, removed, false);
  }

  private void change(CycleState state, PodInfo pod, PodInfo other, boolean add) {
    state
        .get(this, Exclusive.class)
        .filter(exclusive -> uses(other, pod, exclusive.claims))
        .ifPresent(
            exclusive -> {
              Set<String> users = new HashSet<>(exclusive.users);
              if (add ? users.add(other.uid()) : users.remove(other.uid())) {
                state.put(this, new Exclusive(exclusive.claims, Set.copyOf(users)));
              }
            });
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    return state.get(this, Exclusive.class).map(e -> e.users.isEmpty()).orElse(true)
        ? Status.SUCCESS
        : Status.unschedulable(
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod"
                + " access mode");
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.AssignedPodDeleted(var pod) ->
          pod.metadata().namespace().equals(rejected.namespace())
              && VolumeMatching.claimsOf(pod).stream()
                  .anyMatch(List.copyOf(VolumeMatching.claimsOf(rejected.pod()))::contains);
      case ClusterEvent.ClaimChanged(var claim) ->
          claim.metadata().namespace().equals(rejected.namespace());
      case ClusterEvent.NodeAdded _ -> true;
      default -> false;
    };
  }
}
