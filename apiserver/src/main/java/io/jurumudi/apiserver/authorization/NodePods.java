package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EnvFromSource;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.EphemeralContainer;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.authentication.ObjectSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pods of each node, and what they refer to: a node may read just that. A question looks
 * through the node's pods, a few hundred at most. Changed by the object source's thread only.
 */
public final class NodePods implements AutoCloseable {
  private final Map<String, Map<String, Pod>> byNode = new ConcurrentHashMap<>();
  private final Map<String, String> nodeOf = new ConcurrentHashMap<>();
  private final ObjectSource objects;
  private final ObjectSource.Following following;

  public NodePods(ObjectSource objects) {
    this.objects = objects;
    this.following =
        objects.follow(
            Resources.PODS,
            new ObjectSource.Listener<>() {
              @Override
              public void stored(Pod pod) {
                NodePods.this.stored(pod);
              }

              @Override
              public void deleted(Pod pod) {
                NodePods.this.forget(key(pod.metadata()));
              }
            });
  }

  private static String key(ObjectMeta meta) {
    return meta.namespace() + "/" + meta.name();
  }

  private void stored(Pod pod) {
    String key = key(pod.metadata());
    String node = pod.spec().nodeName();
    if (!node.equals(nodeOf.getOrDefault(key, ""))) {
      forget(key);
    }
    if (!node.isEmpty()) {
      nodeOf.put(key, node);
      byNode.computeIfAbsent(node, n -> new ConcurrentHashMap<>()).put(key, pod);
    }
  }

  private void forget(String key) {
    String node = nodeOf.remove(key);
    Map<String, Pod> pods = node == null ? null : byNode.get(node);
    if (pods != null) {
      pods.remove(key);
    }
  }

  private boolean any(String node, String namespace, Predicate<Pod> matches) {
    Collection<Pod> pods =
        Objects.requireNonNullElse(byNode.get(node), Map.<String, Pod>of()).values();
    for (Pod pod : pods) {
      if (pod.metadata().namespace().equals(namespace) && matches.test(pod)) {
        return true;
      }
    }
    return false;
  }

  boolean hasPod(String node, String namespace, String name) {
    return node.equals(nodeOf.get(namespace + "/" + name));
  }

  boolean usesAccount(String node, String namespace, String name) {
    return any(node, namespace, pod -> pod.spec().serviceAccountName().equals(name));
  }

  boolean usesClaim(String node, String namespace, String name) {
    return any(node, namespace, pod -> usesClaim(pod, name));
  }

  private static boolean usesClaim(Pod pod, String name) {
    for (Volume volume : pod.spec().volumes()) {
      if (volume.persistentVolumeClaim() != null
          && volume.persistentVolumeClaim().claimName().equals(name)) {
        return true;
      }
      if (volume.ephemeral() != null
          && (pod.metadata().name() + "-" + volume.name()).equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a claim that a pod of the node uses is bound to the volume. */
  boolean usesVolume(String node, String name) {
    return objects
        .find(Resources.PERSISTENTVOLUMES, "", name)
        .map(volume -> volume.spec().claimRef())
        .filter(claim -> usesClaim(node, claim.namespace(), claim.name()))
        .isPresent();
  }

  boolean usesConfigMap(String node, String namespace, String name) {
    return any(
        node,
        namespace,
        pod ->
            any(
                    pod.spec().volumes(),
                    v -> v.configMap() != null && v.configMap().name().equals(name))
                || anyProjection(
                    pod, p -> p.configMap() != null && p.configMap().name().equals(name))
                || anyEnv(
                    pod,
                    e -> {
                      var from = e.valueFrom();
                      return from != null
                          && from.configMapKeyRef() != null
                          && from.configMapKeyRef().name().equals(name);
                    },
                    e -> e.configMapRef() != null && e.configMapRef().name().equals(name)));
  }

  boolean usesSecret(String node, String namespace, String name) {
    return any(
        node,
        namespace,
        pod ->
            any(pod.spec().imagePullSecrets(), s -> s.name().equals(name))
                || any(pod.spec().volumes(), v -> name.equals(secretOf(v)))
                || anyProjection(pod, p -> p.secret() != null && p.secret().name().equals(name))
                || anyEnv(
                    pod,
                    e -> {
                      var from = e.valueFrom();
                      return from != null
                          && from.secretKeyRef() != null
                          && from.secretKeyRef().name().equals(name);
                    },
                    e -> e.secretRef() != null && e.secretRef().name().equals(name)));
  }

  private static @Nullable String secretOf(Volume volume) {
    if (volume.secret() != null) {
      return volume.secret().secretName();
    }
    if (volume.csi() != null && volume.csi().nodePublishSecretRef() != null) {
      return volume.csi().nodePublishSecretRef().name();
    }
    if (volume.flexVolume() != null && volume.flexVolume().secretRef() != null) {
      return volume.flexVolume().secretRef().name();
    }
    if (volume.iscsi() != null && volume.iscsi().secretRef() != null) {
      return volume.iscsi().secretRef().name();
    }
    if (volume.cephfs() != null && volume.cephfs().secretRef() != null) {
      return volume.cephfs().secretRef().name();
    }
    if (volume.rbd() != null && volume.rbd().secretRef() != null) {
      return volume.rbd().secretRef().name();
    }
    return volume.azureFile() != null ? volume.azureFile().secretName() : null;
  }

  private static <T> boolean any(List<T> all, Predicate<T> matches) {
    for (T one : all) {
      if (matches.test(one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyProjection(Pod pod, Predicate<VolumeProjection> matches) {
    return any(
        pod.spec().volumes(),
        volume -> volume.projected() != null && any(volume.projected().sources(), matches));
  }

  private static boolean anyEnv(Pod pod, Predicate<EnvVar> env, Predicate<EnvFromSource> envFrom) {
    Predicate<Container> container = c -> any(c.env(), env) || any(c.envFrom(), envFrom);
    Predicate<EphemeralContainer> ephemeral = c -> any(c.env(), env) || any(c.envFrom(), envFrom);
    return any(pod.spec().containers(), container)
        || any(pod.spec().initContainers(), container)
        || any(pod.spec().ephemeralContainers(), ephemeral);
  }

  @Override
  public void close() {
    following.close();
  }
}
