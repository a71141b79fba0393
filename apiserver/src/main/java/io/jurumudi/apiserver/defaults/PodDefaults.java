package io.jurumudi.apiserver.defaults;

import io.jurumudi.api.core.v1.ConfigMapVolumeSource;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.DownwardAPIVolumeFile;
import io.jurumudi.api.core.v1.DownwardAPIVolumeSource;
import io.jurumudi.api.core.v1.EmptyDirVolumeSource;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.EphemeralContainer;
import io.jurumudi.api.core.v1.HTTPGetAction;
import io.jurumudi.api.core.v1.Lifecycle;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.ObjectFieldSelector;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSecurityContext;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.api.core.v1.ProjectedVolumeSource;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.SecretVolumeSource;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.api.resource.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Defaults of pods and pod templates. Facts: k8s.io/kubernetes pkg/apis/core/v1/defaults.go.
 *
 * <p>A pod gets more than a template does: requests from limits, service links, and host ports of
 * host-network pods are filled in only when the pod itself is made.
 */
public final class PodDefaults {
  /** Mode of files in secret, configMap, downwardAPI and projected volumes. */
  private static final int FILE_MODE = 0644;

  /** Decimal places of a thousandth. */
  private static final int MILLI = 3;

  private static final int MAX_IMAGE_NAME = 255;
  private static final int ID_LENGTH = 64;
  private static final String PATH_PART = "[a-z0-9]++(?:(?:[.]|_|__|-++)[a-z0-9]++)*+";

  /** A name of an image: domain, path, tag, digest. */
  private static final Pattern IMAGE =
      Pattern.compile(
          "(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?+"
              + PATH_PART
              + "(?:/"
              + PATH_PART
              + ")*+(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?+(?:@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?+");

  private static final long TOKEN_EXPIRATION_SECONDS = 3600;

  private PodDefaults() {}

  /** A pod as it is stored when a client created this one. */
  public static Pod pod(Pod pod) {
    PodSpec spec = spec(pod.spec());
    PodSpec.Builder b = spec.toBuilder();
    List<Container> containers = Lists.map(spec.containers(), PodDefaults::requestsFromLimits);
    List<Container> init = Lists.map(spec.initContainers(), PodDefaults::requestsFromLimits);
    if (spec.hostNetwork()) {
      containers = Lists.map(containers, PodDefaults::hostPorts);
      init = Lists.map(init, PodDefaults::hostPorts);
    }
    b.containers(containers).initContainers(init);
    if (spec.enableServiceLinks() == null) {
      b.enableServiceLinks(true);
    }
    podRequests(spec.resources(), containers, b);
    return pod.toBuilder().spec(b.build()).build();
  }

  /** A pod template as it is stored inside a workload. */
  public static PodTemplateSpec template(PodTemplateSpec template) {
    return template.toBuilder().spec(spec(template.spec())).build();
  }

  private static PodSpec spec(PodSpec s) {
    PodSpec.Builder b = s.toBuilder();
    b.containers(Lists.map(s.containers(), PodDefaults::container));
    b.initContainers(Lists.map(s.initContainers(), PodDefaults::container));
    b.ephemeralContainers(Lists.map(s.ephemeralContainers(), PodDefaults::ephemeralContainer));
    b.volumes(Lists.map(s.volumes(), PodDefaults::volume));
    if (s.dnsPolicy().isEmpty()) {
      b.dnsPolicy("ClusterFirst");
    }
    if (s.restartPolicy().isEmpty()) {
      b.restartPolicy("Always");
    }
    if (s.securityContext() == null) {
      b.securityContext(PodSecurityContext.EMPTY);
    }
    Long grace = s.terminationGracePeriodSeconds();
    if (grace == null) {
      b.terminationGracePeriodSeconds(30L);
    } else if (grace < 0) {
      // Meant "at once" long ago (upstream's conversion of v1).
      b.terminationGracePeriodSeconds(1L);
    }
    if (s.schedulerName().isEmpty()) {
      b.schedulerName("default-scheduler");
    }
    return b.build();
  }

  private static Container container(Container c) {
    Container.Builder b = c.toBuilder();
    if (c.imagePullPolicy().isEmpty()) {
      b.imagePullPolicy(pullPolicy(c.image()));
    }
    if (c.terminationMessagePath().isEmpty()) {
      b.terminationMessagePath("/dev/termination-log");
    }
    if (c.terminationMessagePolicy().isEmpty()) {
      b.terminationMessagePolicy("File");
    }
    b.ports(Lists.map(c.ports(), PodDefaults::port));
    b.env(Lists.map(c.env(), PodDefaults::env));
    b.resources(milli(c.resources()));
    if (c.livenessProbe() != null) {
      b.livenessProbe(probe(c.livenessProbe()));
    }
    if (c.readinessProbe() != null) {
      b.readinessProbe(probe(c.readinessProbe()));
    }
    if (c.startupProbe() != null) {
      b.startupProbe(probe(c.startupProbe()));
    }
    if (c.lifecycle() != null) {
      b.lifecycle(lifecycle(c.lifecycle()));
    }
    return b.build();
  }

  private static EphemeralContainer ephemeralContainer(EphemeralContainer c) {
    EphemeralContainer.Builder b = c.toBuilder();
    if (c.imagePullPolicy().isEmpty()) {
      b.imagePullPolicy(pullPolicy(c.image()));
    }
    if (c.terminationMessagePath().isEmpty()) {
      b.terminationMessagePath("/dev/termination-log");
    }
    if (c.terminationMessagePolicy().isEmpty()) {
      b.terminationMessagePolicy("File");
    }
    return b.ports(Lists.map(c.ports(), PodDefaults::port))
        .env(Lists.map(c.env(), PodDefaults::env))
        .build();
  }

  /** An image without a tag and without a digest is "latest", and latest is always pulled. */
  static String pullPolicy(String image) {
    if (image.length() > MAX_IMAGE_NAME || !IMAGE.matcher(image).matches() || isId(image)) {
      return "IfNotPresent";
    }
    int digest = image.indexOf('@');
    String name = digest < 0 ? image : image.substring(0, digest);
    int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
    String tag = colon >= 0 ? name.substring(colon + 1) : digest < 0 ? "latest" : "";
    return tag.equals("latest") ? "Always" : "IfNotPresent";
  }

  /** What is the identifier of an image is the name of none. */
  private static boolean isId(String image) {
    return image.length() == ID_LENGTH
        && image.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  private static ContainerPort port(ContainerPort p) {
    return p.protocol().isEmpty() ? p.toBuilder().protocol("TCP").build() : p;
  }

  private static EnvVar env(EnvVar e) {
    var from = e.valueFrom();
    if (from == null || from.fieldRef() == null || !from.fieldRef().apiVersion().isEmpty()) {
      return e;
    }
    ObjectFieldSelector ref = fieldRef(from.fieldRef());
    return e.toBuilder().valueFrom(from.toBuilder().fieldRef(ref).build()).build();
  }

  private static ObjectFieldSelector fieldRef(ObjectFieldSelector r) {
    return r.apiVersion().isEmpty() ? r.toBuilder().apiVersion("v1").build() : r;
  }

  private static ResourceRequirements milli(ResourceRequirements r) {
    Map<String, Quantity> limits = milli(r.limits());
    Map<String, Quantity> requests = milli(r.requests());
    if (limits == r.limits() && requests == r.requests()) {
      return r;
    }
    return r.toBuilder().limits(limits).requests(requests).build();
  }

  /** Quantities finer than a thousandth are rounded up; the same map where none is. */
  static Map<String, Quantity> milli(Map<String, Quantity> list) {
    Map<String, Quantity> changed = null;
    for (var e : list.entrySet()) {
      Quantity rounded = roundUp(e.getValue());
      if (!rounded.equals(e.getValue())) {
        if (changed == null) {
          changed = new TreeMap<>(list);
        }
        changed.put(e.getKey(), rounded);
      }
    }
    return changed == null ? list : changed;
  }

  private static Quantity roundUp(Quantity q) {
    BigDecimal amount = q.amount();
    return amount.scale() <= MILLI
        ? q
        : Quantity.parse(amount.setScale(MILLI, RoundingMode.CEILING).toPlainString())
            .withFormat(q.format());
  }

  private static Probe probe(Probe p) {
    Probe.Builder b = p.toBuilder();
    if (p.timeoutSeconds() == 0) {
      b.timeoutSeconds(1);
    }
    if (p.periodSeconds() == 0) {
      b.periodSeconds(10);
    }
    if (p.successThreshold() == 0) {
      b.successThreshold(1);
    }
    if (p.failureThreshold() == 0) {
      b.failureThreshold(3);
    }
    if (p.httpGet() != null) {
      b.httpGet(http(p.httpGet()));
    }
    if (p.grpc() != null && p.grpc().service() == null) {
      b.grpc(p.grpc().toBuilder().service("").build());
    }
    return b.build();
  }

  private static HTTPGetAction http(HTTPGetAction a) {
    HTTPGetAction.Builder b = a.toBuilder();
    if (a.path().isEmpty()) {
      b.path("/");
    }
    if (a.scheme().isEmpty()) {
      b.scheme("HTTP");
    }
    return b.build();
  }

  private static Lifecycle lifecycle(Lifecycle l) {
    Lifecycle.Builder b = l.toBuilder();
    if (l.postStart() != null) {
      b.postStart(handler(l.postStart()));
    }
    if (l.preStop() != null) {
      b.preStop(handler(l.preStop()));
    }
    return b.build();
  }

  private static LifecycleHandler handler(LifecycleHandler h) {
    return h.httpGet() == null ? h : h.toBuilder().httpGet(http(h.httpGet())).build();
  }

  private static Container requestsFromLimits(Container c) {
    Map<String, Quantity> requests = new TreeMap<>(c.resources().requests());
    c.resources().limits().forEach(requests::putIfAbsent);
    if (requests.size() == c.resources().requests().size()) {
      return c;
    }
    return c.toBuilder().resources(c.resources().toBuilder().requests(requests).build()).build();
  }

  private static Container hostPorts(Container c) {
    return c.toBuilder()
        .ports(
            Lists.map(
                c.ports(),
                p -> p.hostPort() == 0 ? p.toBuilder().hostPort(p.containerPort()).build() : p))
        .build();
  }

  /** Pod-level requests: what the containers ask for, else the pod's limit. */
  private static void podRequests(
      @Nullable ResourceRequirements pod, List<Container> containers, PodSpec.Builder b) {
    if (pod == null || pod.limits().isEmpty()) {
      return;
    }
    Map<String, Quantity> requests = new TreeMap<>(pod.requests());
    for (String key : List.of("cpu", "memory")) {
      if (requests.containsKey(key)) {
        continue;
      }
      Quantity sum = null;
      for (Container c : containers) {
        Quantity q = c.resources().requests().get(key);
        if (q != null) {
          sum = sum == null ? q : sum.add(q);
        }
      }
      if (sum != null) {
        requests.put(key, sum);
      } else if (pod.limits().containsKey(key)) {
        requests.put(key, Objects.requireNonNull(pod.limits().get(key)));
      }
    }
    b.resources(pod.toBuilder().requests(requests).build());
  }

  private static Volume volume(Volume v) {
    Volume.Builder b = v.toBuilder();
    if (v.equals(Volume.builder().name(v.name()).build())) {
      return b.emptyDir(EmptyDirVolumeSource.EMPTY).build();
    }
    SecretVolumeSource secret = v.secret();
    if (secret != null && secret.defaultMode() == null) {
      b.secret(secret.toBuilder().defaultMode(FILE_MODE).build());
    }
    ConfigMapVolumeSource configMap = v.configMap();
    if (configMap != null && configMap.defaultMode() == null) {
      b.configMap(configMap.toBuilder().defaultMode(FILE_MODE).build());
    }
    if (v.downwardAPI() != null) {
      b.downwardAPI(downward(v.downwardAPI()));
    }
    if (v.projected() != null) {
      b.projected(projected(v.projected()));
    }
    if (v.hostPath() != null && v.hostPath().type() == null) {
      b.hostPath(v.hostPath().toBuilder().type("").build());
    }
    if (v.image() != null && v.image().pullPolicy().isEmpty()) {
      b.image(v.image().toBuilder().pullPolicy(pullPolicy(v.image().reference())).build());
    }
    var ephemeral = v.ephemeral();
    if (ephemeral != null && ephemeral.volumeClaimTemplate() != null) {
      var template = ephemeral.volumeClaimTemplate();
      b.ephemeral(
          ephemeral.toBuilder()
              .volumeClaimTemplate(
                  template.toBuilder().spec(CoreDefaults.claimSpec(template.spec())).build())
              .build());
    }
    network(v, b);
    return b.build();
  }

  /** Sources of storage systems whose drivers upstream has moved out, kept for their defaults. */
  private static void network(Volume v, Volume.Builder b) {
    if (v.iscsi() != null && v.iscsi().iscsiInterface().isEmpty()) {
      b.iscsi(v.iscsi().toBuilder().iscsiInterface("default").build());
    }
    if (v.rbd() != null) {
      var rbd = v.rbd().toBuilder();
      if (v.rbd().pool().isEmpty()) {
        rbd.pool("rbd");
      }
      if (v.rbd().user().isEmpty()) {
        rbd.user("admin");
      }
      if (v.rbd().keyring().isEmpty()) {
        rbd.keyring("/etc/ceph/keyring");
      }
      b.rbd(rbd.build());
    }
    if (v.scaleIO() != null) {
      var io = v.scaleIO().toBuilder();
      if (v.scaleIO().storageMode().isEmpty()) {
        io.storageMode("ThinProvisioned");
      }
      if (v.scaleIO().fsType().isEmpty()) {
        io.fsType("xfs");
      }
      b.scaleIO(io.build());
    }
    if (v.azureDisk() != null) {
      var disk = v.azureDisk().toBuilder();
      if (v.azureDisk().cachingMode() == null) {
        disk.cachingMode("ReadWrite");
      }
      if (v.azureDisk().kind() == null) {
        disk.kind("Shared");
      }
      if (v.azureDisk().fsType() == null) {
        disk.fsType("ext4");
      }
      if (v.azureDisk().readOnly() == null) {
        disk.readOnly(false);
      }
      b.azureDisk(disk.build());
    }
  }

  private static DownwardAPIVolumeSource downward(DownwardAPIVolumeSource d) {
    return d.toBuilder()
        .defaultMode(d.defaultMode() == null ? Integer.valueOf(FILE_MODE) : d.defaultMode())
        .items(Lists.map(d.items(), PodDefaults::file))
        .build();
  }

  private static DownwardAPIVolumeFile file(DownwardAPIVolumeFile f) {
    return f.fieldRef() == null ? f : f.toBuilder().fieldRef(fieldRef(f.fieldRef())).build();
  }

  private static ProjectedVolumeSource projected(ProjectedVolumeSource p) {
    return p.toBuilder()
        .defaultMode(p.defaultMode() == null ? Integer.valueOf(FILE_MODE) : p.defaultMode())
        .sources(Lists.map(p.sources(), PodDefaults::projection))
        .build();
  }

  private static VolumeProjection projection(VolumeProjection s) {
    VolumeProjection.Builder b = s.toBuilder();
    var token = s.serviceAccountToken();
    if (token != null && token.expirationSeconds() == null) {
      b.serviceAccountToken(token.toBuilder().expirationSeconds(TOKEN_EXPIRATION_SECONDS).build());
    }
    var downward = s.downwardAPI();
    if (downward != null) {
      b.downwardAPI(
          downward.toBuilder().items(Lists.map(downward.items(), PodDefaults::file)).build());
    }
    return b.build();
  }
}
