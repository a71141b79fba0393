package io.jurumudi.kubelet.objects;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.kubelet.pod.Containers;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which config maps and secrets a pod names.
 *
 * @param configMaps of its environment and volumes
 * @param secrets of its environment, volumes and pull secrets
 */
record References(Set<ObjectKey> configMaps, Set<ObjectKey> secrets) {
  static References of(Pod pod) {
    String namespace = pod.metadata().namespace();
    Set<ObjectKey> configMaps = new LinkedHashSet<>();
    Set<ObjectKey> secrets = new LinkedHashSet<>();
    Containers.all(pod)
        .forEach(
            c -> {
              for (var from : c.envFrom()) {
                if (from.configMapRef() != null) {
                  configMaps.add(new ObjectKey(namespace, from.configMapRef().name()));
                }
                if (from.secretRef() != null) {
                  secrets.add(new ObjectKey(namespace, from.secretRef().name()));
                }
              }
              for (var env : c.env()) {
                var source = env.valueFrom();
                if (source != null && source.configMapKeyRef() != null) {
                  configMaps.add(new ObjectKey(namespace, source.configMapKeyRef().name()));
                }
                if (source != null && source.secretKeyRef() != null) {
                  secrets.add(new ObjectKey(namespace, source.secretKeyRef().name()));
                }
              }
            });
    for (Volume v : pod.spec().volumes()) {
      if (v.configMap() != null) {
        configMaps.add(new ObjectKey(namespace, v.configMap().name()));
      }
      if (v.secret() != null) {
        secrets.add(new ObjectKey(namespace, v.secret().secretName()));
      }
      if (v.projected() != null) {
        for (VolumeProjection p : v.projected().sources()) {
          if (p.configMap() != null) {
            configMaps.add(new ObjectKey(namespace, p.configMap().name()));
          }
          if (p.secret() != null) {
            secrets.add(new ObjectKey(namespace, p.secret().name()));
          }
        }
      }
    }
    for (var pull : pod.spec().imagePullSecrets()) {
      if (!pull.name().isEmpty()) {
        secrets.add(new ObjectKey(namespace, pull.name()));
      }
    }
    return new References(configMaps, secrets);
  }
}
