package io.jurumudi.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.Resource;
import io.jurumudi.machinery.volumes.VolumeMatching;
import io.jurumudi.scheduler.framework.ClaimBinder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Binds claims through the API server and follows them by an informer. */
final class InformerClaimBinder implements ClaimBinder {
  /** Upstream's bind time-out. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Resource<PersistentVolume> volumeClient;
  private final Resource<PersistentVolumeClaim> claimClient;
  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<Pod> pods;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private long changes;

  InformerClaimBinder(Client client, InformerFactory informers, Informer<Pod> pods) {
    volumeClient = client.resource(Resources.PERSISTENTVOLUMES);
    claimClient = client.resource(Resources.PERSISTENTVOLUMECLAIMS);
    claims = informers.informer(Resources.PERSISTENTVOLUMECLAIMS);
    this.pods = pods;
    claims.addHandler(EventHandler.of(claim -> wake()));
    pods.addHandler(EventHandler.ofDelete(pod -> wake()));
  }

  private void wake() {
    lock.lock();
    try {
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void bind(PersistentVolume volume, PersistentVolumeClaim claim) {
    PersistentVolume bound = VolumeMatching.bind(volume, claim);
    if (!bound.equals(volume)) {
      volumeClient.update(bound);
    }
  }

  @Override
  public void select(PersistentVolumeClaim claim, String node) {
    Map<String, String> annotations = new TreeMap<>(claim.metadata().annotations());
    if (!node.equals(annotations.put(VolumeMatching.SELECTED_NODE, node))) {
      claimClient.update(claim.toBuilder().metadata(m -> m.annotations(annotations)).build());
    }
  }

  @Override
  public Optional<String> await(Pod pod, List<String> names, String node) {
    long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
    long seen = -1;
    Set<String> asked = new HashSet<>();
    try {
      while (true) {
        lock.lock();
        try {
          while (seen == changes) {
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
              return Optional.of("binding volumes: context deadline exceeded");
            }
            changed.awaitNanos(left);
          }
          seen = changes;
        } finally {
          lock.unlock();
        }
        boolean all = true;
        for (String name : names) {
          Optional<PersistentVolumeClaim> claim = claims.get(pod.metadata().namespace(), name);
          if (claim.isEmpty()) {
            return Optional.of("binding volumes: persistentvolumeclaim \"" + name + "\" not found");
          }
          if (VolumeMatching.fullyBound(claim.get())) {
            continue;
          }
          all = false;
          String selected = claim.get().metadata().annotations().get(VolumeMatching.SELECTED_NODE);
          if (node.equals(selected)) {
            asked.add(name);
          } else if (asked.contains(name)) { // the provisioner gave up on this node
            return Optional.of("provisioning failed for PVC \"" + name + "\"");
          }
        }
        if (all) {
          return Optional.empty();
        }
        if (pods.get(pod.metadata().namespace(), pod.metadata().name()).isEmpty()) {
          return Optional.of("binding volumes: pod does not exist any more");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("binding volumes: interrupted");
    }
  }
}
