package io.jurumudi.apiserver.validation;

import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.core.v1.Event;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PodTemplate;
import io.jurumudi.api.networking.v1.Ingress;
import io.jurumudi.api.networking.v1.IngressClass;
import io.jurumudi.api.node.v1.RuntimeClass;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Rules for kinds that need only a few. Facts: k8s.io/kubernetes pkg/apis/GROUP/validation and what
 * its server answers.
 */
public final class SmallKinds {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> ACCESS_MODES =
      Set.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");

  private SmallKinds() {}

  public static List<FieldError> event(Event e) {
    List<FieldError> errors = Rules.list();
    String about = e.involvedObject().namespace();
    boolean clusterWide =
        about.isEmpty() && Set.of("default", "kube-system").contains(e.metadata().namespace());
    if (!clusterWide && !about.equals(e.metadata().namespace())) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("involvedObject", "namespace"),
              about,
              "does not match event.namespace"));
    }
    return errors;
  }

  public static List<FieldError> claim(PersistentVolumeClaim c) {
    List<FieldError> errors = Rules.list();
    if (c.spec().accessModes().isEmpty()) {
      errors.add(
          FieldError.required(SPEC.child("accessModes"), "at least 1 access mode is required"));
    }
    accessModes(c.spec().accessModes(), errors);
    var storage = c.spec().resources().requests().get("storage");
    FieldPath at = SPEC.child("resources").key("storage");
    if (storage == null) {
      errors.add(FieldError.required(at, ""));
    } else if (storage.signum() <= 0) {
      errors.add(FieldError.invalid(at, storage.toString(), "must be greater than zero"));
    }
    return errors;
  }

  private static void accessModes(List<String> modes, List<FieldError> errors) {
    for (String mode : modes) {
      if (!ACCESS_MODES.contains(mode)) {
        errors.add(
            FieldError.notSupported(
                SPEC.child("accessModes"), mode, ACCESS_MODES.stream().sorted().toList()));
      }
    }
    if (modes.contains("ReadWriteOncePod") && modes.size() > 1) {
      errors.add(
          FieldError.forbidden(
              SPEC.child("accessModes"), "may not use ReadWriteOncePod with other access modes"));
    }
  }

  /** A claim can grow and be bound; all else stays. */
  public static List<FieldError> claimUpdate(PersistentVolumeClaim c, PersistentVolumeClaim old) {
    List<FieldError> errors = claim(c);
    var before = old.spec();
    var allowed = c.spec().toBuilder().resources(before.resources());
    if (before.volumeName().isEmpty()) {
      allowed.volumeName("");
    }
    if (before.storageClassName() == null) {
      allowed.storageClassName(null);
    }
    allowed.volumeAttributesClassName(before.volumeAttributesClassName());
    if (!allowed.build().equals(before)) {
      errors.add(
          FieldError.forbidden(
              SPEC,
              "spec is immutable after creation except resources.requests and"
                  + " volumeAttributesClassName for bound claims"));
    }
    var now = c.spec().resources().requests().get("storage");
    var was = before.resources().requests().get("storage");
    if (now != null && was != null && now.compareTo(was) < 0) {
      errors.add(
          FieldError.forbidden(
              SPEC.child("resources", "requests", "storage"),
              "field can not be less than status.capacity"));
    }
    return errors;
  }

  public static List<FieldError> volume(PersistentVolume v) {
    List<FieldError> errors = Rules.list();
    if (v.spec().accessModes().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("accessModes"), ""));
    }
    accessModes(v.spec().accessModes(), errors);
    if (v.spec().capacity().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("capacity"), ""));
    }
    if (!v.spec().capacity().containsKey("storage") || v.spec().capacity().size() > 1) {
      errors.add(
          FieldError.notSupported(
              SPEC.child("capacity"),
              v.spec().capacity().isEmpty() ? null : v.spec().capacity().keySet().toString(),
              List.of("storage")));
    }
    Set<String> policies = Set.of("Delete", "Recycle", "Retain");
    if (!policies.contains(v.spec().persistentVolumeReclaimPolicy())) {
      errors.add(
          FieldError.notSupported(
              SPEC.child("persistentVolumeReclaimPolicy"),
              v.spec().persistentVolumeReclaimPolicy(),
              policies.stream().sorted().toList()));
    }
    if (!hasSource(v)) {
      errors.add(FieldError.required(SPEC, "must specify a volume type"));
    }
    return errors;
  }

  /** Fields of a volume's spec that are no source. */
  private static final Set<String> NO_SOURCE =
      Set.of(
          "capacity",
          "accessModes",
          "claimRef",
          "persistentVolumeReclaimPolicy",
          "storageClassName",
          "mountOptions",
          "volumeMode",
          "nodeAffinity",
          "volumeAttributesClassName");

  private static boolean hasSource(PersistentVolume v) {
    for (Field field : v.spec().schema().fields()) {
      if (!NO_SOURCE.contains(field.name()) && v.spec().component(field.index()) != null) {
        return true;
      }
    }
    return false;
  }

  public static List<FieldError> podTemplate(PodTemplate t) {
    List<FieldError> errors = Rules.list();
    PodSpecValidation.template(t.template(), FieldPath.of("template"), errors);
    return errors;
  }

  public static List<FieldError> controllerRevision(ControllerRevision r) {
    List<FieldError> errors = Rules.list();
    if (r.data() == null) {
      errors.add(FieldError.required(FieldPath.of("data"), "data is mandatory"));
    }
    Rules.notNegative(r.revision(), FieldPath.of("revision"), errors);
    return errors;
  }

  public static List<FieldError> controllerRevisionUpdate(
      ControllerRevision r, ControllerRevision old) {
    List<FieldError> errors = controllerRevision(r);
    if (!Objects.equals(r.data(), old.data())) {
      errors.add(FieldError.invalid(FieldPath.of("data"), "", "field is immutable"));
    }
    return errors;
  }

  public static List<FieldError> autoscaler(HorizontalPodAutoscaler h) {
    List<FieldError> errors = Rules.list();
    var s = h.spec();
    if (s.minReplicas() != null && s.minReplicas() < 1) {
      errors.add(
          FieldError.invalid(
              SPEC.child("minReplicas"), s.minReplicas(), "must be greater than or equal to 1"));
    }
    if (s.maxReplicas() < 1) {
      errors.add(FieldError.required(SPEC.child("maxReplicas"), "must be set and greater than 0"));
    }
    if (s.minReplicas() != null && s.maxReplicas() < s.minReplicas()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("maxReplicas"),
              (long) s.maxReplicas(),
              "must be greater than or equal to `minReplicas`"));
    }
    FieldPath target = SPEC.child("scaleTargetRef");
    if (s.scaleTargetRef().kind().isEmpty()) {
      errors.add(FieldError.required(target.child("kind"), ""));
    }
    if (s.scaleTargetRef().name().isEmpty()) {
      errors.add(FieldError.required(target.child("name"), ""));
    }
    return errors;
  }

  public static List<FieldError> signingRequest(CertificateSigningRequest r) {
    List<FieldError> errors = Rules.list();
    if (!r.spec().request().utf8().contains("-----BEGIN CERTIFICATE REQUEST-----")) {
      errors.add(
          FieldError.invalid(
              SPEC.child("request"),
              r.spec().request().isEmpty() ? null : r.spec().request().base64(),
              "PEM block type must be CERTIFICATE REQUEST"));
    }
    if (r.spec().usages().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("usages"), ""));
    }
    if (r.spec().signerName().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("signerName"), ""));
    } else if (r.spec().signerName().indexOf('/') < 0) {
      errors.add(
          FieldError.invalid(
              SPEC.child("signerName"),
              r.spec().signerName(),
              "must be a fully qualified domain and path of the form"
                  + " 'example.com/signer-name'"));
    }
    Integer seconds = r.spec().expirationSeconds();
    if (seconds != null && seconds < 600) {
      errors.add(
          FieldError.invalid(
              SPEC.child("expirationSeconds"),
              seconds,
              "may not specify a duration less than 600 seconds (10 minutes)"));
    }
    return errors;
  }

  public static List<FieldError> ingressClass(IngressClass c) {
    List<FieldError> errors = Rules.list();
    if (c.spec().controller().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("controller"), ""));
    }
    return errors;
  }

  public static List<FieldError> ingress(Ingress i) {
    List<FieldError> errors = Rules.list();
    var s = i.spec();
    if (s.rules().isEmpty() && s.defaultBackend() == null) {
      errors.add(
          FieldError.invalid(SPEC, null, "either `defaultBackend` or `rules` must be specified"));
    }
    for (int r = 0; r < s.rules().size(); r++) {
      var rule = s.rules().get(r);
      FieldPath at = SPEC.child("rules").index(r);
      if (!rule.host().isEmpty()) {
        Rules.all(
            rule.host().startsWith("*")
                ? Names.isWildcardDns1123Subdomain(rule.host())
                : Names.isDns1123Subdomain(rule.host()),
            rule.host(),
            at.child("host"),
            errors);
      }
      if (rule.http() == null) {
        continue;
      }
      FieldPath paths = at.child("http", "paths");
      if (rule.http().paths().isEmpty()) {
        errors.add(FieldError.required(paths, ""));
      }
      for (int p = 0; p < rule.http().paths().size(); p++) {
        var path = rule.http().paths().get(p);
        String type = path.pathType();
        if (type == null || type.isEmpty()) {
          errors.add(
              FieldError.required(paths.index(p).child("pathType"), "pathType must be specified"));
        } else if (!Set.of("Exact", "Prefix", "ImplementationSpecific").contains(type)) {
          errors.add(
              FieldError.notSupported(
                  paths.index(p).child("pathType"),
                  type,
                  List.of("Exact", "ImplementationSpecific", "Prefix")));
        } else if (!type.equals("ImplementationSpecific") && !path.path().startsWith("/")) {
          errors.add(
              FieldError.invalid(
                  paths.index(p).child("path"), path.path(), "must be an absolute path"));
        }
      }
    }
    return errors;
  }

  public static List<FieldError> storageClass(StorageClass c) {
    List<FieldError> errors = Rules.list();
    if (c.provisioner().isEmpty()) {
      errors.add(FieldError.required(FieldPath.of("provisioner"), ""));
    }
    if (c.volumeBindingMode() == null) {
      errors.add(FieldError.required(FieldPath.of("volumeBindingMode"), ""));
    } else if (!Set.of("Immediate", "WaitForFirstConsumer").contains(c.volumeBindingMode())) {
      errors.add(
          FieldError.notSupported(
              FieldPath.of("volumeBindingMode"),
              c.volumeBindingMode(),
              List.of("Immediate", "WaitForFirstConsumer")));
    }
    return errors;
  }

  public static List<FieldError> storageClassUpdate(StorageClass c, StorageClass old) {
    List<FieldError> errors = storageClass(c);
    if (!c.parameters().equals(old.parameters())) {
      errors.add(
          FieldError.forbidden(FieldPath.of("parameters"), "updates to parameters are forbidden."));
    }
    if (!c.provisioner().equals(old.provisioner())) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("provisioner"), "updates to provisioner are forbidden."));
    }
    MetadataValidation.immutable(
        c.reclaimPolicy(), old.reclaimPolicy(), FieldPath.of("reclaimPolicy"), errors);
    MetadataValidation.immutable(
        c.volumeBindingMode(), old.volumeBindingMode(), FieldPath.of("volumeBindingMode"), errors);
    return errors;
  }

  public static List<FieldError> runtimeClass(RuntimeClass c) {
    List<FieldError> errors = Rules.list();
    if (c.handler().isEmpty()) {
      errors.add(FieldError.required(FieldPath.of("handler"), ""));
    } else {
      Rules.all(Names.isDns1123Label(c.handler()), c.handler(), FieldPath.of("handler"), errors);
    }
    return errors;
  }

  public static List<FieldError> disruptionBudget(PodDisruptionBudget b) {
    List<FieldError> errors = Rules.list();
    if (b.spec().minAvailable() != null && b.spec().maxUnavailable() != null) {
      errors.add(
          FieldError.invalid(SPEC, "", "minAvailable and maxUnavailable cannot be both set"));
    }
    Rules.selector(b.spec().selector(), SPEC.child("selector"), errors);
    return errors;
  }
}
