package io.jurumudi.kubelet.objects;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.BoundObjectReference;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.authentication.v1.TokenRequestSpec;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.client.Client;
import io.jurumudi.client.PatchType;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.volume.MountedVolume;
import io.jurumudi.kubelet.volume.PersistentVolumes;
import io.jurumudi.kubelet.volume.PodFiles;
import io.jurumudi.kubelet.volume.Tokens;
import io.jurumudi.kubelet.worker.PodApi;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** What the kubelet asks of the API server on behalf of pods. Blocks; any thread. */
public final class ApiPods implements PodApi, Tokens.Source, PersistentVolumes {
  private final Client client;
  private final Clock clock;

  public ApiPods(Client client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  @Override
  public Pod patchStatus(Pod pod, byte[] patch) {
    return client
        .resource(Resources.PODS)
        .patch(
            pod.metadata().namespace(),
            pod.metadata().name(),
            PatchType.STRATEGIC,
            patch,
            "status");
  }

  @Override
  public void delete(Pod pod) {
    try {
      client
          .resource(Resources.PODS)
          .delete(
              pod.metadata().namespace(),
              pod.metadata().name(),
              DeleteOptions.builder()
                  .gracePeriodSeconds(0L)
                  .preconditions(Preconditions.builder().uid(pod.metadata().uid()).build())
                  .build());
    } catch (ApiException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        throw e;
      }
    }
  }

  @Override
  public Tokens.Token request(Tokens.Key key) {
    TokenRequest answer =
        client
            .resource(Resources.SERVICEACCOUNTS)
            .subresource(
                key.namespace(),
                key.serviceAccount(),
                "token",
                TokenRequest.builder()
                    .spec(
                        TokenRequestSpec.builder()
                            .audiences(
                                key.audience().isEmpty() ? List.of() : List.of(key.audience()))
                            .expirationSeconds(key.expirationSeconds())
                            .boundObjectRef(
                                BoundObjectReference.builder()
                                    .kind("Pod")
                                    .apiVersion("v1")
                                    .name(key.podName())
                                    .uid(key.podUid())
                                    .build())
                            .build())
                    .build(),
                TokenRequest.class);
    Instant now = clock.instant();
    Instant expires = answer.status().expirationTimestamp();
    return Tokens.Token.of(
        answer.status().token(),
        now,
        expires == null ? now.plusSeconds(key.expirationSeconds()) : expires);
  }

  @Override
  public MountedVolume resolve(Pod pod, String claimName, boolean readOnly)
      throws ConfigException, IOException {
    PersistentVolumeClaim claim;
    PersistentVolume volume;
    try {
      claim =
          client
              .resource(Resources.PERSISTENTVOLUMECLAIMS)
              .get(pod.metadata().namespace(), claimName);
      if (!claim.status().phase().equals("Bound") || claim.spec().volumeName().isEmpty()) {
        throw new ConfigException("claim \"" + claimName + "\" is not bound yet");
      }
      volume = client.resource(Resources.PERSISTENTVOLUMES).get("", claim.spec().volumeName());
    } catch (ApiException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
    var hostPath = volume.spec().hostPath();
    var local = volume.spec().local();
    String directory = hostPath != null ? hostPath.path() : local != null ? local.path() : "";
    if (directory.isEmpty()) {
      throw new ConfigException(
          "volume \""
              + volume.metadata().name()
              + "\" is of a kind that this node cannot mount: only hostPath and local are");
    }
    Path path = Path.of(directory);
    if (!Files.exists(path)) {
      if (hostPath == null) {
        throw new ConfigException("path \"" + path + "\" does not exist");
      }
      PodFiles.directory(path, 0777);
    }
    return new MountedVolume(path, readOnly);
  }
}
