package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMapProjection;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.DownwardAPIProjection;
import io.jurumudi.api.core.v1.DownwardAPIVolumeFile;
import io.jurumudi.api.core.v1.KeyToPath;
import io.jurumudi.api.core.v1.ObjectFieldSelector;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ProjectedVolumeSource;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.api.core.v1.ServiceAccountTokenProjection;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeMount;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.defaults.Lists;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gives a pod its service account, and its containers the account's token, the server's authority
 * and the namespace as files. Facts: k8s.io/kubernetes plugin/pkg/admission/serviceaccount.
 */
public final class ServiceAccountAdmission implements Admission {
  private static final String PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

  /** Pods whose kubelet knows how to renew a token get one for an hour and some. */
  private static final long TOKEN_SECONDS = 3607;

  private static final int FILE_MODE = 0644;
  private static final String MIRROR = "kubernetes.io/config.mirror";

  private final ServerObjects objects;
  private final RandomGenerator random;

  public ServiceAccountAdmission(ServerObjects objects, RandomGenerator random) {
    this.objects = objects;
    this.random = random;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.PODS) || !(object instanceof Pod pod)) {
      return object;
    }
    if (pod.metadata().annotations().containsKey(MIRROR)) {
      return pod; // A static pod's kubelet asks nobody.
    }
    String name = pod.spec().serviceAccountName();
    if (name.isEmpty()) {
      name = "default";
    }
    Optional<ServiceAccount> found =
        objects.find(Resources.SERVICEACCOUNTS, request.namespace(), name);
    if (found.isEmpty()) {
      throw ApiException.forbidden(
          Resources.PODS,
          request.name(),
          "error looking up service account "
              + request.namespace()
              + "/"
              + name
              + ": serviceaccount \""
              + name
              + "\" not found");
    }
    ServiceAccount account = found.get();
    PodSpec spec = pod.spec();
    PodSpec.Builder b = spec.toBuilder().serviceAccountName(name).serviceAccount(name);
    if (spec.imagePullSecrets().isEmpty()) {
      b.imagePullSecrets(account.imagePullSecrets());
    }
    if (mounts(spec, account)) {
      mount(spec, b);
    }
    return pod.toBuilder().spec(b.build()).build();
  }

  private static boolean mounts(PodSpec spec, ServiceAccount account) {
    Boolean own = spec.automountServiceAccountToken();
    if (own != null) {
      return own;
    }
    Boolean accounts = account.automountServiceAccountToken();
    return accounts == null || accounts;
  }

  private void mount(PodSpec spec, PodSpec.Builder b) {
    String volume = null;
    for (Volume v : spec.volumes()) {
      if (v.name().startsWith("kube-api-access-")) {
        volume = v.name();
      }
    }
    boolean needed = volume != null;
    String name = volume == null ? "kube-api-access-" + suffix() : volume;
    List<Container> containers = withMounts(spec.containers(), name);
    List<Container> init = withMounts(spec.initContainers(), name);
    boolean used = containers != spec.containers() || init != spec.initContainers();
    b.containers(containers).initContainers(init);
    if (used && !needed) {
      List<Volume> volumes = new ArrayList<>(spec.volumes());
      volumes.add(Volume.builder().name(name).projected(source()).build());
      b.volumes(volumes);
    }
  }

  /** The containers with the mount; the same list where each has something there already. */
  private static List<Container> withMounts(List<Container> containers, String volume) {
    return Lists.map(
        containers,
        c -> {
          if (c.volumeMounts().stream().anyMatch(m -> m.mountPath().equals(PATH))) {
            return c;
          }
          List<VolumeMount> mounts = new ArrayList<>(c.volumeMounts());
          mounts.add(VolumeMount.builder().name(volume).readOnly(true).mountPath(PATH).build());
          return c.toBuilder().volumeMounts(mounts).build();
        });
  }

  private static ProjectedVolumeSource source() {
    VolumeProjection token =
        VolumeProjection.builder()
            .serviceAccountToken(
                ServiceAccountTokenProjection.builder()
                    .path("token")
                    .expirationSeconds(TOKEN_SECONDS)
                    .build())
            .build();
    VolumeProjection authority =
        VolumeProjection.builder()
            .configMap(
                ConfigMapProjection.builder()
                    .name("kube-root-ca.crt")
                    .items(List.of(KeyToPath.builder().key("ca.crt").path("ca.crt").build()))
                    .build())
            .build();
    VolumeProjection namespace =
        VolumeProjection.builder()
            .downwardAPI(
                DownwardAPIProjection.builder()
                    .items(
                        List.of(
                            DownwardAPIVolumeFile.builder()
                                .path("namespace")
                                .fieldRef(
                                    ObjectFieldSelector.builder()
                                        .apiVersion("v1")
                                        .fieldPath("metadata.namespace")
                                        .build())
                                .build()))
                    .build())
            .build();
    return ProjectedVolumeSource.builder()
        .defaultMode(FILE_MODE)
        .sources(List.of(token, authority, namespace))
        .build();
  }

  private String suffix() {
    StringBuilder suffix = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      suffix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return suffix.toString();
  }
}
