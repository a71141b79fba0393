package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.EnvFromSource;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.EnvVarSource;
import io.jurumudi.api.core.v1.ObjectFieldSelector;
import io.jurumudi.api.core.v1.ResourceFieldSelector;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules for environment variables, and for the references to a pod's own fields. */
final class EnvValidation {
  private static final Set<String> ENV_FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");

  private static final Set<String> VOLUME_FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.labels",
          "metadata.annotations",
          "metadata.uid");

  /** All fields that the API knows how to read out of a pod. */
  private static final Set<String> KNOWN_FIELDS =
      Set.of(
          "metadata.annotations",
          "metadata.labels",
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.restartPolicy",
          "spec.serviceAccountName",
          "spec.schedulerName",
          "status.phase",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs",
          "spec.host");

  private static final Set<String> RESOURCES =
      Set.of(
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage");

  private static final Set<String> CPU_DIVISORS = Set.of("1m", "1");
  private static final Set<String> BYTE_DIVISORS =
      Set.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

  private EnvValidation() {}

  static void env(List<EnvVar> env, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < env.size(); i++) {
      EnvVar e = env.get(i);
      FieldPath at = path.index(i);
      if (e.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else {
        Rules.all(Names.isRelaxedEnvVarName(e.name()), e.name(), at.child("name"), errors);
      }
      if (e.valueFrom() != null) {
        from(e, e.valueFrom(), at.child("valueFrom"), errors);
      }
    }
  }

  private static void from(EnvVar e, EnvVarSource from, FieldPath path, List<FieldError> errors) {
    int count = 0;
    if (from.fieldRef() != null) {
      count++;
      field(from.fieldRef(), ENV_FIELDS, path.child("fieldRef"), errors);
    }
    if (from.resourceFieldRef() != null) {
      count++;
      resource(from.resourceFieldRef(), false, path.child("resourceFieldRef"), errors);
    }
    if (from.configMapKeyRef() != null) {
      count++;
      var ref = from.configMapKeyRef();
      key(ref.name(), ref.key(), path.child("configMapKeyRef"), errors);
    }
    if (from.secretKeyRef() != null) {
      count++;
      var ref = from.secretKeyRef();
      key(ref.name(), ref.key(), path.child("secretKeyRef"), errors);
    }
    if (from.fileKeyRef() != null) {
      count++;
    }
    if (count == 0) {
      errors.add(
          FieldError.invalid(
              path,
              "",
              "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`,"
                  + " `secretKeyRef` or `fileKeyRef`"));
    } else if (!e.value().isEmpty()) {
      errors.add(FieldError.invalid(path, "", "may not be specified when `value` is not empty"));
    } else if (count > 1) {
      errors.add(
          FieldError.invalid(path, "", "may not have more than one field specified at a time"));
    }
  }

  private static void key(String name, String key, FieldPath path, List<FieldError> errors) {
    Rules.all(Names.isDns1123Subdomain(name), name, path.child("name"), errors);
    if (key.isEmpty()) {
      errors.add(FieldError.required(path.child("key"), ""));
    } else {
      Rules.all(Names.isConfigMapKey(key), key, path.child("key"), errors);
    }
  }

  static void envFrom(List<EnvFromSource> sources, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < sources.size(); i++) {
      EnvFromSource from = sources.get(i);
      FieldPath at = path.index(i);
      if (!from.prefix().isEmpty()) {
        Rules.all(
            Names.isRelaxedEnvVarName(from.prefix()), from.prefix(), at.child("prefix"), errors);
      }
      var map = from.configMapRef();
      if (map != null && map.name().isEmpty()) {
        errors.add(FieldError.required(at.child("configMapRef", "name"), ""));
      }
      var secret = from.secretRef();
      if (secret != null && secret.name().isEmpty()) {
        errors.add(FieldError.required(at.child("secretRef", "name"), ""));
      }
      // Upstream names the list here, not the element.
      if (map == null && secret == null) {
        errors.add(
            FieldError.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
      } else if (map != null && secret != null) {
        errors.add(
            FieldError.invalid(path, "", "may not have more than one field specified at a time"));
      }
    }
  }

  static void volumeField(ObjectFieldSelector ref, FieldPath path, List<FieldError> errors) {
    field(ref, VOLUME_FIELDS, path, errors);
  }

  private static void field(
      ObjectFieldSelector ref, Set<String> allowed, FieldPath path, List<FieldError> errors) {
    if (ref.apiVersion().isEmpty()) {
      errors.add(FieldError.required(path.child("apiVersion"), ""));
      return;
    }
    String field = ref.fieldPath();
    FieldPath at = path.child("fieldPath");
    if (field.isEmpty()) {
      errors.add(FieldError.required(at, ""));
      return;
    }
    if (!ref.apiVersion().equals("v1")) {
      errors.add(
          FieldError.invalid(
              at,
              field,
              "error converting fieldPath: unsupported pod version: " + ref.apiVersion()));
      return;
    }
    int bracket = field.indexOf("['");
    boolean subscripted = bracket > 0 && field.endsWith("']");
    String parent = subscripted ? field.substring(0, bracket) : field;
    if (subscripted) {
      String key = field.substring(bracket + 2, field.length() - 2);
      switch (parent) {
        case "metadata.annotations" ->
            Rules.all(
                Names.isQualifiedName(key.toLowerCase(Locale.ROOT)),
                key.toLowerCase(Locale.ROOT),
                path,
                errors);
        case "metadata.labels" -> Rules.all(Names.isQualifiedName(key), key, path, errors);
        default ->
            errors.add(
                FieldError.invalid(
                    at,
                    field,
                    "error converting fieldPath: field label does not support subscript: "
                        + field));
      }
      return;
    }
    if (!KNOWN_FIELDS.contains(field)) {
      errors.add(
          FieldError.invalid(
              at, field, "error converting fieldPath: field label not supported: " + field));
      return;
    }
    String internal = field.equals("spec.host") ? "spec.nodeName" : field;
    if (!allowed.contains(internal)) {
      errors.add(FieldError.notSupported(at, internal, allowed.stream().sorted().toList()));
    }
  }

  /** A reference to what a container asks for; in a volume it has to say which container. */
  static void resource(
      ResourceFieldSelector ref, boolean volume, FieldPath path, List<FieldError> errors) {
    String name = ref.resource();
    boolean huge = name.startsWith("requests.hugepages-") || name.startsWith("limits.hugepages-");
    if (volume && ref.containerName().isEmpty()) {
      errors.add(FieldError.required(path.child("containerName"), ""));
    } else if (name.isEmpty()) {
      errors.add(FieldError.required(path.child("resource"), ""));
    } else if (!RESOURCES.contains(name) && !huge) {
      errors.add(
          FieldError.notSupported(
              path.child("resource"), name, RESOURCES.stream().sorted().toList()));
    }
    if (ref.divisor().isZero()) {
      return;
    }
    String divisor = ref.divisor().toString();
    boolean cpu = name.equals("limits.cpu") || name.equals("requests.cpu");
    if (cpu && !CPU_DIVISORS.contains(divisor)) {
      errors.add(
          FieldError.invalid(
              path.child("divisor"),
              name,
              "only divisor's values 1m and 1 are supported with the cpu resource"));
    }
    boolean bytes = huge || (RESOURCES.contains(name) && !cpu);
    if (bytes && !BYTE_DIVISORS.contains(divisor)) {
      String what =
          huge ? "hugepages" : name.endsWith("memory") ? "memory" : "local ephemeral storage";
      errors.add(
          FieldError.invalid(
              path.child("divisor"),
              name,
              "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are"
                  + " supported with the "
                  + what
                  + " resource"));
    }
  }
}
