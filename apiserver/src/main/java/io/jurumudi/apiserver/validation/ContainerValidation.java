package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeMount;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for containers. */
final class ContainerValidation {
  private static final Set<String> PULL = Set.of("Always", "IfNotPresent", "Never");
  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

  /** Resources without a domain that a container may ask for. */
  private static final Set<String> STANDARD =
      Set.of("cpu", "memory", "ephemeral-storage", "storage");

  private ContainerValidation() {}

  static void check(
      Container c,
      PodSpec pod,
      Map<String, Volume> volumes,
      boolean init,
      FieldPath path,
      List<FieldError> errors) {
    if (c.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    } else {
      Rules.all(Names.isDns1123Label(c.name()), c.name(), path.child("name"), errors);
    }
    if (c.image().isEmpty()) {
      errors.add(FieldError.required(path.child("image"), ""));
    } else if (!c.image().strip().equals(c.image())) {
      errors.add(
          FieldError.invalid(
              path.child("image"), c.image(), "must not have leading or trailing whitespace"));
    }
    boolean sidecar = init && "Always".equals(c.restartPolicy());
    if (init && !sidecar) {
      forbidForInit(c, path, errors);
    } else {
      lifecycle(c, pod, path.child("lifecycle"), errors);
      probe(c.livenessProbe(), path.child("livenessProbe"), errors);
      probe(c.readinessProbe(), path.child("readinessProbe"), errors);
      probe(c.startupProbe(), path.child("startupProbe"), errors);
      onceOnly(c.livenessProbe(), path.child("livenessProbe"), errors);
      onceOnly(c.startupProbe(), path.child("startupProbe"), errors);
    }
    Rules.oneOf(
        c.terminationMessagePolicy(),
        Set.of("File", "FallbackToLogsOnError"),
        path.child("terminationMessagePolicy"),
        errors);
    ports(c.ports(), path.child("ports"), errors);
    env(c.env(), path.child("env"), errors);
    for (int i = 0; i < c.envFrom().size(); i++) {
      var from = c.envFrom().get(i);
      FieldPath at = path.child("envFrom").index(i);
      if (from.configMapRef() != null && from.secretRef() != null) {
        errors.add(
            FieldError.invalid(at, "", "may not have more than one field specified at a time"));
      } else if (from.configMapRef() == null && from.secretRef() == null) {
        errors.add(
            FieldError.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
      }
    }
    mounts(c.volumeMounts(), volumes, path.child("volumeMounts"), errors);
    Rules.oneOf(c.imagePullPolicy(), PULL, path.child("imagePullPolicy"), errors);
    resources(c.resources(), path.child("resources"), errors);
    var security = c.securityContext();
    if (security != null) {
      FieldPath at = path.child("securityContext");
      userId(security.runAsUser(), at.child("runAsUser"), errors);
      userId(security.runAsGroup(), at.child("runAsGroup"), errors);
      if (Boolean.FALSE.equals(security.allowPrivilegeEscalation())
          && Boolean.TRUE.equals(security.privileged())) {
        errors.add(
            FieldError.invalid(
                at, "", "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
      }
    }
  }

  private static void userId(@Nullable Long id, FieldPath path, List<FieldError> errors) {
    if (id != null) {
      Rules.all(Names.isUserOrGroupId(id), id, path, errors);
    }
  }

  private static void forbidForInit(Container c, FieldPath path, List<FieldError> errors) {
    String why = "may not be set for init containers without restartPolicy=Always";
    if (c.lifecycle() != null) {
      errors.add(FieldError.forbidden(path.child("lifecycle"), why));
    }
    if (c.livenessProbe() != null) {
      errors.add(FieldError.forbidden(path.child("livenessProbe"), why));
    }
    if (c.readinessProbe() != null) {
      errors.add(FieldError.forbidden(path.child("readinessProbe"), why));
    }
    if (c.startupProbe() != null) {
      errors.add(FieldError.forbidden(path.child("startupProbe"), why));
    }
  }

  private static void lifecycle(Container c, PodSpec pod, FieldPath path, List<FieldError> errors) {
    var lifecycle = c.lifecycle();
    if (lifecycle == null) {
      return;
    }
    handler(lifecycle.postStart(), path.child("postStart"), errors);
    handler(lifecycle.preStop(), path.child("preStop"), errors);
    var stop = lifecycle.preStop();
    Long grace = pod.terminationGracePeriodSeconds();
    if (stop != null && stop.sleep() != null && grace != null) {
      long seconds = stop.sleep().seconds();
      if (seconds < 0 || seconds > grace) {
        errors.add(
            FieldError.invalid(
                path.child("preStop", "sleep", "seconds"),
                seconds,
                "must be non-negative and less than terminationGracePeriodSeconds ("
                    + grace
                    + "). Enable AllowNonNegativeSleepAction feature gate for zero sleep."));
      }
    }
  }

  private static void handler(
      @Nullable LifecycleHandler h, FieldPath path, List<FieldError> errors) {
    if (h == null) {
      return;
    }
    int count = 0;
    if (h.exec() != null) {
      count++;
      command(h.exec().command(), path.child("exec"), errors);
    }
    if (h.httpGet() != null) {
      count++;
      port(h.httpGet().port(), path.child("httpGet", "port"), errors);
    }
    if (h.tcpSocket() != null) {
      count++;
      port(h.tcpSocket().port(), path.child("tcpSocket", "port"), errors);
    }
    if (h.sleep() != null) {
      count++;
    }
    one(count, path, errors);
  }

  private static void one(int count, FieldPath path, List<FieldError> errors) {
    if (count == 0) {
      errors.add(FieldError.required(path, "must specify a handler type"));
    } else if (count > 1) {
      errors.add(FieldError.forbidden(path, "may not specify more than 1 handler type"));
    }
  }

  private static void command(List<String> command, FieldPath path, List<FieldError> errors) {
    if (command.isEmpty()) {
      errors.add(FieldError.required(path.child("command"), ""));
    }
  }

  private static void probe(@Nullable Probe p, FieldPath path, List<FieldError> errors) {
    if (p == null) {
      return;
    }
    int count = 0;
    if (p.exec() != null) {
      count++;
      command(p.exec().command(), path.child("exec"), errors);
    }
    if (p.httpGet() != null) {
      count++;
      FieldPath at = path.child("httpGet");
      if (p.httpGet().path().isEmpty()) {
        errors.add(FieldError.required(at.child("path"), ""));
      }
      port(p.httpGet().port(), at.child("port"), errors);
      Rules.oneOf(p.httpGet().scheme(), Set.of("HTTP", "HTTPS"), at.child("scheme"), errors);
      for (int i = 0; i < p.httpGet().httpHeaders().size(); i++) {
        String name = p.httpGet().httpHeaders().get(i).name();
        Rules.all(Names.isHttpHeaderName(name), name, at.child("httpHeaders"), errors);
      }
    }
    if (p.tcpSocket() != null) {
      count++;
      port(p.tcpSocket().port(), path.child("tcpSocket", "port"), errors);
    }
    if (p.grpc() != null) {
      count++;
      Rules.port(p.grpc().port(), path.child("grpc", "port"), errors);
    }
    one(count, path, errors);
    Rules.notNegative(p.initialDelaySeconds(), path.child("initialDelaySeconds"), errors);
    Rules.notNegative(p.timeoutSeconds(), path.child("timeoutSeconds"), errors);
    Rules.notNegative(p.periodSeconds(), path.child("periodSeconds"), errors);
    Rules.notNegative(p.successThreshold(), path.child("successThreshold"), errors);
    Rules.notNegative(p.failureThreshold(), path.child("failureThreshold"), errors);
    if (p.terminationGracePeriodSeconds() != null && p.terminationGracePeriodSeconds() <= 0) {
      errors.add(
          FieldError.invalid(
              path.child("terminationGracePeriodSeconds"),
              p.terminationGracePeriodSeconds(),
              "must be greater than 0"));
    }
  }

  private static void onceOnly(@Nullable Probe p, FieldPath path, List<FieldError> errors) {
    if (p != null && p.successThreshold() != 1) {
      errors.add(
          FieldError.invalid(
              path.child("successThreshold"), (long) p.successThreshold(), "must be 1"));
    }
  }

  /** A port by number or by name. */
  static void port(IntOrString port, FieldPath path, List<FieldError> errors) {
    String text = port.toString();
    if (port.equals(IntOrString.of(text))) {
      Rules.all(Names.isPortName(text), text, path, errors);
    } else {
      Rules.port(Long.parseLong(text), path, errors);
    }
  }

  private static void ports(List<ContainerPort> ports, FieldPath path, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      ContainerPort p = ports.get(i);
      FieldPath at = path.index(i);
      if (!p.name().isEmpty()) {
        List<String> wrong = Names.isPortName(p.name());
        Rules.all(wrong, p.name(), at.child("name"), errors);
        if (wrong.isEmpty() && !names.add(p.name())) {
          errors.add(FieldError.duplicate(at.child("name"), p.name()));
        }
      }
      if (p.containerPort() == 0) {
        errors.add(FieldError.required(at.child("containerPort"), ""));
      } else {
        Rules.port(p.containerPort(), at.child("containerPort"), errors);
      }
      if (p.hostPort() != 0) {
        Rules.port(p.hostPort(), at.child("hostPort"), errors);
      }
      Rules.oneOf(p.protocol(), PROTOCOLS, at.child("protocol"), errors);
    }
  }

  private static void env(List<EnvVar> env, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < env.size(); i++) {
      EnvVar e = env.get(i);
      FieldPath at = path.index(i);
      if (e.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else {
        Rules.all(Names.isRelaxedEnvVarName(e.name()), e.name(), at.child("name"), errors);
      }
      var from = e.valueFrom();
      if (from == null) {
        continue;
      }
      FieldPath source = at.child("valueFrom");
      int count = 0;
      if (from.fieldRef() != null) {
        count++;
        if (from.fieldRef().fieldPath().isEmpty()) {
          errors.add(FieldError.required(source.child("fieldRef", "fieldPath"), ""));
        }
      }
      if (from.resourceFieldRef() != null) {
        count++;
        if (from.resourceFieldRef().resource().isEmpty()) {
          errors.add(FieldError.required(source.child("resourceFieldRef", "resource"), ""));
        }
      }
      if (from.configMapKeyRef() != null) {
        count++;
        key(
            from.configMapKeyRef().name(),
            from.configMapKeyRef().key(),
            source.child("configMapKeyRef"),
            errors);
      }
      if (from.secretKeyRef() != null) {
        count++;
        key(
            from.secretKeyRef().name(),
            from.secretKeyRef().key(),
            source.child("secretKeyRef"),
            errors);
      }
      if (from.fileKeyRef() != null) {
        count++;
      }
      if (!e.value().isEmpty()) {
        errors.add(
            FieldError.invalid(source, "", "may not be specified when `value` is not empty"));
      } else if (count > 1) {
        errors.add(
            FieldError.invalid(source, "", "may not have more than one field specified at a time"));
      } else if (count == 0) {
        errors.add(
            FieldError.invalid(
                source,
                "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`,"
                    + " `secretKeyRef` or `fileKeyRef`"));
      }
    }
  }

  private static void key(String name, String key, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    }
    if (key.isEmpty()) {
      errors.add(FieldError.required(path.child("key"), ""));
    } else {
      Rules.all(Names.isConfigMapKey(key), key, path.child("key"), errors);
    }
  }

  private static void mounts(
      List<VolumeMount> mounts,
      Map<String, Volume> volumes,
      FieldPath path,
      List<FieldError> errors) {
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < mounts.size(); i++) {
      VolumeMount m = mounts.get(i);
      FieldPath at = path.index(i);
      if (m.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else if (!volumes.containsKey(m.name())) {
        errors.add(FieldError.notFound(at.child("name"), m.name()));
      }
      if (m.mountPath().isEmpty()) {
        errors.add(FieldError.required(at.child("mountPath"), ""));
      } else if (!paths.add(m.mountPath())) {
        errors.add(FieldError.invalid(at.child("mountPath"), m.mountPath(), "must be unique"));
      }
      if (!m.subPath().isEmpty() && !m.subPathExpr().isEmpty()) {
        errors.add(
            FieldError.invalid(
                at.child("subPathExpr"),
                m.subPathExpr(),
                "subPathExpr and subPath are mutually exclusive"));
      }
      local(m.subPath(), at.child("subPath"), errors);
      local(m.subPathExpr(), at.child("subPathExpr"), errors);
    }
  }

  private static void local(String path, FieldPath at, List<FieldError> errors) {
    if (path.startsWith("/")) {
      errors.add(FieldError.invalid(at, path, "must be a relative path"));
    }
    if (List.of(path.split("/", -1)).contains("..")) {
      errors.add(FieldError.invalid(at, path, "must not contain '..'"));
    }
  }

  static void resources(ResourceRequirements r, FieldPath path, List<FieldError> errors) {
    r.limits()
        .forEach(
            (name, quantity) -> quantity(name, quantity, path.child("limits").key(name), errors));
    r.requests()
        .forEach(
            (name, quantity) -> {
              FieldPath at = path.child("requests");
              quantity(name, quantity, at.key(name), errors);
              Quantity limit = r.limits().get(name);
              if (limit != null && quantity.compareTo(limit) > 0) {
                errors.add(
                    FieldError.invalid(
                        at,
                        quantity.toString(),
                        "must be less than or equal to " + name + " limit of " + limit));
              }
            });
  }

  private static void quantity(
      String name, Quantity quantity, FieldPath path, List<FieldError> errors) {
    Rules.all(Names.isQualifiedName(name), name, path, errors);
    if (name.indexOf('/') < 0
        && !STANDARD.contains(name)
        && !name.toLowerCase(Locale.ROOT).startsWith("hugepages-")) {
      errors.add(
          FieldError.invalid(path, name, "must be a standard resource type or fully qualified"));
      errors.add(FieldError.invalid(path, name, "must be a standard resource for containers"));
    }
    if (quantity.signum() < 0) {
      errors.add(
          FieldError.invalid(path, quantity.toString(), "must be greater than or equal to 0"));
    }
  }
}
