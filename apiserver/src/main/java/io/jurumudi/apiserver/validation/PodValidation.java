package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EphemeralContainer;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import io.jurumudi.machinery.qos.QosClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for pods. Facts: k8s.io/kubernetes pkg/apis/core/validation/validation.go. */
public final class PodValidation {
  private static final String IMMUTABLE =
      "pod updates may not change fields other than `spec.containers[*].image`,"
          + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
          + " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to"
          + " be set to 1 if it was previously negative)";

  private PodValidation() {}

  public static List<FieldError> create(Pod pod) {
    List<FieldError> errors = Rules.list();
    PodSpecValidation.pod(pod.spec(), pod.metadata().name(), FieldPath.of("spec"), errors);
    if (!pod.spec().ephemeralContainers().isEmpty()) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("spec", "ephemeralContainers"), "cannot be set on create"));
    }
    if (!pod.spec().nodeName().isEmpty() && !pod.spec().schedulingGates().isEmpty()) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("spec", "nodeName"),
              "cannot be set until all schedulingGates have been cleared"));
    }
    return errors;
  }

  public static List<FieldError> update(Pod pod, Pod old) {
    List<FieldError> errors = Rules.list();
    PodSpecValidation.pod(pod.spec(), pod.metadata().name(), FieldPath.of("spec"), errors);
    PodSpec spec = pod.spec();
    PodSpec before = old.spec();
    FieldPath path = FieldPath.of("spec");
    if (spec.containers().size() != before.containers().size()) {
      errors.add(
          FieldError.forbidden(
              path.child("containers"), "pod updates may not add or remove containers"));
      return errors;
    }
    if (spec.initContainers().size() != before.initContainers().size()) {
      errors.add(
          FieldError.forbidden(
              path.child("initContainers"), "pod updates may not add or remove containers"));
      return errors;
    }
    PodSpec.Builder allowed = spec.toBuilder();
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < spec.containers().size(); i++) {
      containers.add(
          spec.containers().get(i).toBuilder().image(before.containers().get(i).image()).build());
      if (spec.containers().get(i).image().isEmpty()) {
        errors.add(FieldError.required(path.child("containers").index(i).child("image"), ""));
      }
    }
    allowed.containers(containers);
    List<Container> init = new ArrayList<>();
    for (int i = 0; i < spec.initContainers().size(); i++) {
      init.add(
          spec.initContainers().get(i).toBuilder()
              .image(before.initContainers().get(i).image())
              .build());
    }
    allowed.initContainers(init);
    deadline(spec, before, path, errors);
    allowed.activeDeadlineSeconds(before.activeDeadlineSeconds());
    tolerations(spec, before, path, errors);
    allowed.tolerations(before.tolerations());
    Long grace = before.terminationGracePeriodSeconds();
    Long now = spec.terminationGracePeriodSeconds();
    if (grace != null && grace < 0 && now != null && now == 1) {
      allowed.terminationGracePeriodSeconds(grace);
    }
    gates(spec, before, path, errors);
    allowed.schedulingGates(before.schedulingGates());
    if (!before.schedulingGates().isEmpty()) {
      // A pod that waits at its gates may still be directed to fewer nodes.
      allowed.nodeSelector(before.nodeSelector()).affinity(before.affinity());
    }
    if (!allowed.build().equals(before)) {
      errors.add(FieldError.forbidden(path, IMMUTABLE));
    }
    return errors;
  }

  private static void deadline(
      PodSpec spec, PodSpec before, FieldPath path, List<FieldError> errors) {
    Long now = spec.activeDeadlineSeconds();
    Long was = before.activeDeadlineSeconds();
    FieldPath at = path.child("activeDeadlineSeconds");
    if (now != null) {
      if (now < 0 || now > Integer.MAX_VALUE) {
        errors.add(
            FieldError.invalid(
                at, now, "must be between 0 and " + Integer.MAX_VALUE + ", inclusive"));
      } else if (was != null && was < now) {
        errors.add(FieldError.invalid(at, now, "must be less than or equal to previous value"));
      }
    } else if (was != null) {
      errors.add(
          FieldError.invalid(at, null, "must not update from a positive integer to nil value"));
    }
  }

  private static void tolerations(
      PodSpec spec, PodSpec before, FieldPath path, List<FieldError> errors) {
    if (spec.tolerations().equals(before.tolerations())) {
      return;
    }
    for (Toleration old : before.tolerations()) {
      boolean kept =
          spec.tolerations().stream()
              .anyMatch(
                  t ->
                      t.toBuilder().tolerationSeconds(old.tolerationSeconds()).build().equals(old));
      if (!kept) {
        errors.add(
            FieldError.forbidden(
                path.child("tolerations"),
                "existing toleration can not be modified except its tolerationSeconds"));
        return;
      }
    }
  }

  private static void gates(PodSpec spec, PodSpec before, FieldPath path, List<FieldError> errors) {
    Set<String> known = new HashSet<>();
    before.schedulingGates().forEach(g -> known.add(g.name()));
    for (var gate : spec.schedulingGates()) {
      if (!known.contains(gate.name())) {
        errors.add(
            FieldError.forbidden(
                path.child("schedulingGates"),
                "only deletion is allowed, but found new scheduling gate '" + gate.name() + "'"));
      }
    }
  }

  /** Ephemeral containers can be added, and stay as they are. */
  public static List<FieldError> ephemeralUpdate(Pod pod, Pod old) {
    List<FieldError> errors = Rules.list();
    FieldPath path = FieldPath.of("spec", "ephemeralContainers");
    Map<String, EphemeralContainer> now = new HashMap<>();
    Set<String> names = new HashSet<>();
    pod.spec().containers().forEach(c -> names.add(c.name()));
    pod.spec().initContainers().forEach(c -> names.add(c.name()));
    for (int i = 0; i < pod.spec().ephemeralContainers().size(); i++) {
      EphemeralContainer c = pod.spec().ephemeralContainers().get(i);
      FieldPath at = path.index(i);
      now.put(c.name(), c);
      if (c.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else {
        Rules.all(Names.isDns1123Label(c.name()), c.name(), at.child("name"), errors);
        if (!names.add(c.name())) {
          errors.add(FieldError.duplicate(at.child("name"), c.name()));
        }
      }
      if (c.image().isEmpty()) {
        errors.add(FieldError.required(at.child("image"), ""));
      }
      Rules.oneOf(
          c.terminationMessagePolicy(),
          Set.of("File", "FallbackToLogsOnError"),
          at.child("terminationMessagePolicy"),
          errors);
    }
    for (EphemeralContainer before : old.spec().ephemeralContainers()) {
      EphemeralContainer c = now.get(before.name());
      if (c == null) {
        errors.add(
            FieldError.forbidden(
                path,
                "existing ephemeral containers \"" + before.name() + "\" may not be removed\n"));
      } else if (!c.equals(before)) {
        errors.add(
            FieldError.forbidden(
                path,
                "existing ephemeral containers \"" + before.name() + "\" may not be changed\n"));
      }
    }
    return errors;
  }

  public static List<FieldError> resize(Pod pod, Pod old) {
    List<FieldError> errors = Rules.list();
    for (int i = 0; i < pod.spec().containers().size(); i++) {
      ResourceValidation.container(
          pod.spec().containers().get(i).resources(),
          FieldPath.of("spec", "containers").index(i).child("resources"),
          errors);
    }
    if (!QosClass.of(pod.spec()).equals(old.status().qosClass())) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("spec"),
              old.status().qosClass(),
              "Pod QOS Class may not change as a result of resizing"));
    }
    return errors;
  }

  /** What is allowed and yet likely a mistake. */
  public static List<String> warnings(Pod pod) {
    List<String> warnings = new ArrayList<>(PodWarnings.pod(pod.metadata(), pod.spec()));
    if (!pod.metadata().name().isEmpty()) {
      List<String> wrong = Names.isDns1123Label(pod.metadata().name());
      if (!wrong.isEmpty()) {
        warnings.add(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising"
                + " behavior; a DNS label is recommended: "
                + wrong);
      }
    }
    return warnings;
  }
}
