package io.jurumudi.kubelet.volume;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.DownwardAPIVolumeFile;
import io.jurumudi.api.core.v1.KeyToPath;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ProjectedVolumeSource;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.SecurityContext;
import io.jurumudi.api.core.v1.ServiceAccountTokenProjection;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.FieldRefs;
import io.jurumudi.kubelet.container.PodObjects;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files of configuration-like volumes of one pod, from the objects they refer to. */
final class Payloads {
  private static final int DEFAULT_MODE = 0644;

  private final Pod pod;
  private final FieldRefs refs;
  private final PodObjects objects;
  private final Tokens tokens;
  private @Nullable Instant refreshAt;

  Payloads(Pod pod, FieldRefs refs, PodObjects objects, Tokens tokens) {
    this.pod = pod;
    this.refs = refs;
    this.objects = objects;
    this.tokens = tokens;
  }

  /** When a token among what was built so far has to be renewed; null: never. */
  @Nullable Instant refreshAt() {
    return refreshAt;
  }

  Map<String, ProjectedFile> configMap(
      String name, List<KeyToPath> items, @Nullable Integer mode, @Nullable Boolean optional)
      throws ConfigException {
    Map<String, byte[]> data = new HashMap<>();
    try {
      ConfigMap object = objects.configMap(pod.metadata().namespace(), name);
      object.data().forEach((k, v) -> data.put(k, v.getBytes(StandardCharsets.UTF_8)));
      object.binaryData().forEach((k, v) -> data.put(k, v.toArray()));
    } catch (ApiException e) {
      missing(e, optional);
    }
    return select(data, items, mode, optional, "config");
  }

  Map<String, ProjectedFile> secret(
      String name, List<KeyToPath> items, @Nullable Integer mode, @Nullable Boolean optional)
      throws ConfigException {
    Map<String, byte[]> data = new HashMap<>();
    try {
      Secret object = objects.secret(pod.metadata().namespace(), name);
      object.data().forEach((k, v) -> data.put(k, v.toArray()));
    } catch (ApiException e) {
      missing(e, optional);
    }
    return select(data, items, mode, optional, "secret");
  }

  private static void missing(ApiException e, @Nullable Boolean optional) throws ConfigException {
    if (e.code() != 404 || !Boolean.TRUE.equals(optional)) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, ProjectedFile> select(
      Map<String, byte[]> data,
      List<KeyToPath> items,
      @Nullable Integer mode,
      @Nullable Boolean optional,
      String what)
      throws ConfigException {
    int defaultMode = mode == null ? DEFAULT_MODE : mode;
    Map<String, ProjectedFile> files = new TreeMap<>();
    if (items.isEmpty()) {
      data.forEach((k, v) -> files.put(k, new ProjectedFile(v, defaultMode, null)));
      return files;
    }
    for (KeyToPath item : items) {
      byte[] content = data.get(item.key());
      if (content == null) {
        if (Boolean.TRUE.equals(optional)) {
          continue;
        }
        throw new ConfigException("references non-existent " + what + " key: " + item.key());
      }
      int itemMode = item.mode() == null ? defaultMode : item.mode();
      files.put(item.path(), new ProjectedFile(content, itemMode, null));
    }
    return files;
  }

  Map<String, ProjectedFile> downward(List<DownwardAPIVolumeFile> items, @Nullable Integer mode)
      throws ConfigException {
    Map<String, ProjectedFile> files = new TreeMap<>();
    for (DownwardAPIVolumeFile item : items) {
      var field = item.fieldRef();
      var resource = item.resourceFieldRef();
      String value = "";
      if (field != null) {
        value = refs.field(field.fieldPath());
      } else if (resource != null) {
        Container named = Containers.find(pod, resource.containerName()).orElse(Container.EMPTY);
        value = refs.resource(resource, named);
      }
      int fileMode = item.mode() != null ? item.mode() : mode == null ? DEFAULT_MODE : mode;
      files.put(
          item.path(), new ProjectedFile(value.getBytes(StandardCharsets.UTF_8), fileMode, null));
    }
    return files;
  }

  Map<String, ProjectedFile> projected(ProjectedVolumeSource source) throws ConfigException {
    Integer mode = source.defaultMode();
    Map<String, ProjectedFile> files = new TreeMap<>();
    for (VolumeProjection projection : source.sources()) {
      var configMap = projection.configMap();
      var secret = projection.secret();
      var downward = projection.downwardAPI();
      var token = projection.serviceAccountToken();
      if (configMap != null) {
        files.putAll(configMap(configMap.name(), configMap.items(), mode, configMap.optional()));
      } else if (secret != null) {
        files.putAll(secret(secret.name(), secret.items(), mode, secret.optional()));
      } else if (downward != null) {
        files.putAll(downward(downward.items(), mode));
      } else if (token != null) {
        files.put(token.path(), token(token, mode == null ? DEFAULT_MODE : mode));
      } else {
        throw new ConfigException(
            "this kind of projection is not supported: only configMap, secret, downwardAPI and"
                + " serviceAccountToken are");
      }
    }
    return files;
  }

  private ProjectedFile token(ServiceAccountTokenProjection projection, int mode)
      throws ConfigException {
    Long seconds = projection.expirationSeconds();
    Tokens.Token token;
    try {
      token =
          tokens.get(
              new Tokens.Key(
                  pod.metadata().namespace(),
                  pod.spec().serviceAccountName().isEmpty()
                      ? "default"
                      : pod.spec().serviceAccountName(),
                  pod.metadata().name(),
                  pod.metadata().uid(),
                  projection.audience(),
                  seconds == null ? 3600 : seconds));
    } catch (ApiException e) {
      throw new ConfigException("failed to fetch token: " + e.getMessage());
    }
    if (refreshAt == null || token.refreshAt().isBefore(refreshAt)) {
      refreshAt = token.refreshAt();
    }
    Long user = commonUser();
    boolean owned = user != null || fsGroup() != null;
    return new ProjectedFile(
        token.token().getBytes(StandardCharsets.UTF_8), owned ? 0600 : mode, user);
  }

  @Nullable Long fsGroup() {
    return pod.spec().securityContext() == null ? null : pod.spec().securityContext().fsGroup();
  }

  /** The user that all containers run as, when they agree on one: the token becomes its own. */
  private @Nullable Long commonUser() {
    Long podUser =
        pod.spec().securityContext() == null ? null : pod.spec().securityContext().runAsUser();
    Long common = null;
    for (Container c : Containers.all(pod).toList()) {
      SecurityContext s = c.securityContext();
      Long user = s != null && s.runAsUser() != null ? s.runAsUser() : podUser;
      if (user == null || (common != null && !common.equals(user))) {
        return null;
      }
      common = user;
    }
    return common;
  }
}
