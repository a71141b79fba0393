package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.ContainerResizePolicy;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for containers. */
final class ContainerValidation {
  static final Set<String> PULL = Set.of("Always", "IfNotPresent", "Never");
  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");
  private static final Set<String> RESTART = Set.of("Always", "Never", "OnFailure");
  private static final int MAX_RULES = 20;
  private static final int MAX_EXIT_CODES = 255;

  private ContainerValidation() {}

  /** What holds for containers of all sorts. */
  static void common(
      Container c,
      PodSpec pod,
      Map<String, Volume> volumes,
      boolean isPod,
      FieldPath path,
      List<FieldError> errors) {
    if (c.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    } else {
      Rules.all(Names.isDns1123Label(c.name()), c.name(), path.child("name"), errors);
    }
    if (c.image().isEmpty()) {
      errors.add(FieldError.required(path.child("image"), ""));
    } else if (isPod && !c.image().strip().equals(c.image())) {
      errors.add(
          FieldError.invalid(
              path.child("image"), c.image(), "must not have leading or trailing whitespace"));
    }
    Rules.oneOf(
        c.terminationMessagePolicy(),
        Set.of("File", "FallbackToLogsOnError"),
        path.child("terminationMessagePolicy"),
        errors);
    ports(c.ports(), path.child("ports"), errors);
    EnvValidation.env(c.env(), path.child("env"), errors);
    EnvValidation.envFrom(c.envFrom(), path.child("envFrom"), errors);
    MountValidation.check(c, volumes, path, errors);
    Rules.oneOf(c.imagePullPolicy(), PULL, path.child("imagePullPolicy"), errors);
    ResourceValidation.container(c.resources(), path.child("resources"), errors);
    resize(c.resizePolicy(), pod.restartPolicy(), path.child("resizePolicy"), errors);
    boolean hostUsers = !Boolean.FALSE.equals(pod.hostUsers());
    SecurityValidation.container(
        c.securityContext(), hostUsers, path.child("securityContext"), errors);
    restart(c, path, errors);
  }

  private static void restart(Container c, FieldPath path, List<FieldError> errors) {
    var rules = c.restartPolicyRules();
    if (c.restartPolicy() == null) {
      if (!rules.isEmpty()) {
        errors.add(
            FieldError.required(
                path.child("restartPolicy"),
                "must specify restartPolicy when restart rules are used"));
      }
    } else {
      Rules.among(c.restartPolicy(), RESTART, path.child("restartPolicy"), errors);
    }
    if (rules.size() > MAX_RULES) {
      errors.add(FieldError.tooMany(path.child("restartPolicyRules"), rules.size(), MAX_RULES));
    }
    for (int i = 0; i < rules.size(); i++) {
      FieldPath at = path.child("restartPolicyRules").index(i);
      Rules.among(rules.get(i).action(), Set.of("Restart"), at.child("action"), errors);
      var codes = rules.get(i).exitCodes();
      if (codes == null) {
        errors.add(FieldError.required(at.child("exitCodes"), "must be specified"));
        continue;
      }
      Rules.among(
          codes.operator(), Set.of("In", "NotIn"), at.child("exitCodes", "operator"), errors);
      if (codes.values().size() > MAX_EXIT_CODES) {
        errors.add(
            FieldError.tooMany(
                at.child("exitCodes", "values"), codes.values().size(), MAX_EXIT_CODES));
      }
    }
  }

  private static void resize(
      List<ContainerResizePolicy> policies,
      String podRestarts,
      FieldPath path,
      List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < policies.size(); i++) {
      ContainerResizePolicy p = policies.get(i);
      if (!names.add(p.resourceName())) {
        errors.add(FieldError.duplicate(path.index(i), p.resourceName()));
      }
      Rules.oneOf(p.resourceName(), Set.of("cpu", "memory"), path, errors);
      Rules.oneOf(p.restartPolicy(), Set.of("NotRequired", "RestartContainer"), path, errors);
      if (podRestarts.equals("Never") && !p.restartPolicy().equals("NotRequired")) {
        errors.add(
            FieldError.invalid(
                path,
                p.restartPolicy(),
                "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
      }
    }
  }

  static void forbidForInit(Container c, FieldPath path, List<FieldError> errors) {
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
    for (int i = 0; i < c.resizePolicy().size(); i++) {
      String policy = c.resizePolicy().get(i).restartPolicy();
      if (policy.equals("RestartContainer")) {
        errors.add(
            FieldError.invalid(
                path.child("resizePolicy").index(i).child("restartPolicy"),
                policy,
                "must not be set to 'RestartContainer' for non-sidecar initContainers"));
      }
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
}
