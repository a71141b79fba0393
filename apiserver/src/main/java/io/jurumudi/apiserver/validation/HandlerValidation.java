package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ExecAction;
import io.jurumudi.api.core.v1.GRPCAction;
import io.jurumudi.api.core.v1.HTTPGetAction;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.api.core.v1.SleepAction;
import io.jurumudi.api.core.v1.TCPSocketAction;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for probes and for what a container does after its start and before its end. */
final class HandlerValidation {
  private static final Set<String> SCHEMES = Set.of("HTTP", "HTTPS");

  private HandlerValidation() {}

  /** What probes and hooks share; a probe cannot sleep, a hook knows no gRPC. */
  private record Handler(
      @Nullable ExecAction exec,
      @Nullable HTTPGetAction httpGet,
      @Nullable TCPSocketAction tcpSocket,
      @Nullable GRPCAction grpc,
      @Nullable SleepAction sleep) {}

  /** The probes and hooks of a container that lives as long as its pod. */
  static void check(
      Container c, @Nullable Long graceSeconds, FieldPath path, List<FieldError> errors) {
    var lifecycle = c.lifecycle();
    if (lifecycle != null) {
      FieldPath at = path.child("lifecycle");
      hook(lifecycle.postStart(), graceSeconds, at.child("postStart"), errors);
      hook(lifecycle.preStop(), graceSeconds, at.child("preStop"), errors);
    }
    FieldPath liveness = path.child("livenessProbe");
    probe(c.livenessProbe(), liveness, errors);
    onceOnly(c.livenessProbe(), liveness, errors);
    FieldPath readiness = path.child("readinessProbe");
    Probe ready = c.readinessProbe();
    probe(ready, readiness, errors);
    if (ready != null && ready.terminationGracePeriodSeconds() != null) {
      errors.add(
          FieldError.invalid(
              readiness.child("terminationGracePeriodSeconds"),
              ready.terminationGracePeriodSeconds(),
              "must not be set for readinessProbes"));
    }
    FieldPath startup = path.child("startupProbe");
    probe(c.startupProbe(), startup, errors);
    onceOnly(c.startupProbe(), startup, errors);
  }

  private static void hook(
      @Nullable LifecycleHandler h,
      @Nullable Long graceSeconds,
      FieldPath path,
      List<FieldError> errors) {
    if (h != null) {
      Handler handler = new Handler(h.exec(), h.httpGet(), h.tcpSocket(), null, h.sleep());
      handler(handler, graceSeconds, path, errors);
    }
  }

  private static void probe(@Nullable Probe p, FieldPath path, List<FieldError> errors) {
    if (p == null) {
      return;
    }
    Handler handler = new Handler(p.exec(), p.httpGet(), p.tcpSocket(), p.grpc(), null);
    handler(handler, null, path, errors);
    Rules.notNegative(p.initialDelaySeconds(), path.child("initialDelaySeconds"), errors);
    Rules.notNegative(p.timeoutSeconds(), path.child("timeoutSeconds"), errors);
    Rules.notNegative(p.periodSeconds(), path.child("periodSeconds"), errors);
    Rules.notNegative(p.successThreshold(), path.child("successThreshold"), errors);
    Rules.notNegative(p.failureThreshold(), path.child("failureThreshold"), errors);
    Long grace = p.terminationGracePeriodSeconds();
    if (grace != null && grace <= 0) {
      errors.add(
          FieldError.invalid(
              path.child("terminationGracePeriodSeconds"), grace, "must be greater than 0"));
    }
  }

  private static void onceOnly(@Nullable Probe p, FieldPath path, List<FieldError> errors) {
    if (p != null && p.successThreshold() != 1) {
      errors.add(
          FieldError.invalid(
              path.child("successThreshold"), (long) p.successThreshold(), "must be 1"));
    }
  }

  private static void handler(
      Handler h, @Nullable Long graceSeconds, FieldPath path, List<FieldError> errors) {
    int count = 0;
    if (h.exec != null) {
      count++;
      if (h.exec.command().isEmpty()) {
        errors.add(FieldError.required(path.child("exec", "command"), ""));
      }
    }
    if (h.httpGet != null && first(count++, path.child("httpGet"), errors)) {
      http(h.httpGet, path.child("httpGet"), errors);
    }
    if (h.tcpSocket != null && first(count++, path.child("tcpSocket"), errors)) {
      port(h.tcpSocket.port(), path.child("tcpSocket", "port"), errors);
    }
    if (h.grpc != null && first(count++, path.child("grpc"), errors)) {
      Rules.port(h.grpc.port(), path.child("grpc", "port"), errors);
    }
    if (h.sleep != null && first(count++, path.child("sleep"), errors)) {
      long seconds = h.sleep.seconds();
      if (graceSeconds != null && (seconds < 0 || seconds > graceSeconds)) {
        errors.add(
            FieldError.invalid(
                path.child("sleep"),
                seconds,
                "must be non-negative and less than terminationGracePeriodSeconds ("
                    + graceSeconds
                    + ")"));
      }
    }
    if (count == 0) {
      errors.add(FieldError.required(path, "must specify a handler type"));
    }
  }

  private static boolean first(int before, FieldPath path, List<FieldError> errors) {
    if (before > 0) {
      errors.add(FieldError.forbidden(path, "may not specify more than 1 handler type"));
    }
    return before == 0;
  }

  private static void http(HTTPGetAction http, FieldPath path, List<FieldError> errors) {
    if (http.path().isEmpty()) {
      errors.add(FieldError.required(path.child("path"), ""));
    }
    port(http.port(), path.child("port"), errors);
    Rules.among(http.scheme(), SCHEMES, path.child("scheme"), errors);
    for (var header : http.httpHeaders()) {
      Rules.all(
          Names.isHttpHeaderName(header.name()), header.name(), path.child("httpHeaders"), errors);
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
}
