package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.CSIPersistentVolumeSource;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PersistentVolumeClaimSpec;
import io.jurumudi.api.core.v1.PersistentVolumeSpec;
import io.jurumudi.api.core.v1.SecretReference;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rules for persistent volumes, their claims and classes. Facts: k8s.io/kubernetes
 * pkg/apis/core/validation and pkg/apis/storage/validation.
 */
public final class StorageValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> ACCESS =
      Set.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
  private static final Set<String> MODES = Set.of("Block", "Filesystem");
  private static final Set<String> RECLAIM = Set.of("Delete", "Recycle", "Retain");
  private static final int MAX_PARAMETERS = 512;
  private static final int MAX_PARAMETER_BYTES = 256 * 1024;

  /** Fields of a volume's spec that are not its source. */
  private static final Set<String> NOT_SOURCES =
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

  private StorageValidation() {}

  public static List<FieldError> claim(PersistentVolumeClaim c) {
    List<FieldError> errors = Rules.list();
    claimSpec(c.spec(), SPEC, errors);
    return errors;
  }

  static void claimSpec(PersistentVolumeClaimSpec s, FieldPath path, List<FieldError> errors) {
    if (s.accessModes().isEmpty()) {
      errors.add(
          FieldError.required(path.child("accessModes"), "at least 1 access mode is required"));
    }
    Rules.selector(s.selector(), path.child("selector"), errors);
    accessModes(s.accessModes(), path.child("accessModes"), errors);
    FieldPath storage = path.child("resources").key("storage");
    Quantity size = s.resources().requests().get("storage");
    if (size == null) {
      errors.add(FieldError.required(storage, ""));
    } else if (size.signum() <= 0) {
      errors.add(FieldError.invalid(storage, size.toString(), "must be greater than zero"));
    }
    className(s.storageClassName(), path.child("storageClassName"), errors);
    Rules.amongIfSet(s.volumeMode(), MODES, path.child("volumeMode"), errors);
    var source = s.dataSource();
    if (source != null) {
      reference(source.name(), source.kind(), source.apiGroup(), path.child("dataSource"), errors);
    }
    var ref = s.dataSourceRef();
    if (ref != null) {
      FieldPath at = path.child("dataSourceRef");
      reference(ref.name(), ref.kind(), ref.apiGroup(), at, errors);
      String namespace = ref.namespace();
      boolean elsewhere = namespace != null && !namespace.isEmpty();
      if (namespace != null && elsewhere) {
        Rules.all(Names.isDns1123Label(namespace), namespace, at.child("namespace"), errors);
      }
      if (source != null && elsewhere) {
        errors.add(
            FieldError.invalid(
                path,
                path.child("dataSource").toString(),
                "may not be specified when dataSourceRef.namespace is specified"));
      } else if (source != null
          && !(source.kind().equals(ref.kind())
              && source.name().equals(ref.name())
              && Objects.equals(source.apiGroup(), ref.apiGroup()))) {
        errors.add(
            FieldError.invalid(
                path, path.child("dataSource").toString(), "must match dataSourceRef"));
      }
    }
    className(s.volumeAttributesClassName(), path.child("volumeAttributesClassName"), errors);
  }

  private static void className(@Nullable String name, FieldPath path, List<FieldError> errors) {
    if (name != null && !name.isEmpty()) {
      Rules.all(Names.isDns1123Subdomain(name), name, path, errors);
    }
  }

  private static void reference(
      String name, String kind, @Nullable String group, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    }
    if (kind.isEmpty()) {
      errors.add(FieldError.required(path.child("kind"), ""));
    }
    if (group == null || group.isEmpty()) {
      if (!kind.equals("PersistentVolumeClaim")) {
        errors.add(
            FieldError.invalid(
                path,
                kind,
                "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
      }
    } else {
      Rules.all(Names.isDns1123Subdomain(group), group, path.child("apiGroup"), errors);
    }
  }

  private static void accessModes(List<String> modes, FieldPath path, List<FieldError> errors) {
    boolean single = false;
    boolean other = false;
    for (String mode : modes) {
      Rules.among(mode, ACCESS, path, errors);
      single |= mode.equals("ReadWriteOncePod");
      other |= !mode.equals("ReadWriteOncePod") && ACCESS.contains(mode);
    }
    if (single && other) {
      errors.add(
          FieldError.forbidden(path, "may not use ReadWriteOncePod with other access modes"));
    }
  }

  public static List<FieldError> claimUpdate(PersistentVolumeClaim c, PersistentVolumeClaim old) {
    List<FieldError> errors = claim(c);
    PersistentVolumeClaimSpec before = old.spec();
    PersistentVolumeClaimSpec.Builder b = c.spec().toBuilder();
    if (before.volumeName().isEmpty()) {
      b.volumeName("");
    }
    if (before.storageClassName() == null) {
      // A claim without a class gets the default one when there is one.
      b.storageClassName(null);
    }
    Quantity size = c.spec().resources().requests().get("storage");
    Quantity sizeBefore = before.resources().requests().get("storage");
    if (c.status().phase().equals("Bound")) {
      Map<String, Quantity> requests = new TreeMap<>(c.spec().resources().requests());
      if (sizeBefore != null) {
        requests.put("storage", sizeBefore);
      }
      b.resources(c.spec().resources().toBuilder().requests(requests).build());
      b.volumeAttributesClassName(before.volumeAttributesClassName());
    }
    if (!b.build().equals(before)) {
      errors.add(
          FieldError.forbidden(
              SPEC,
              "spec is immutable after creation except resources.requests and"
                  + " volumeAttributesClassName for bound claims"));
    }
    Quantity capacity = old.status().capacity().getOrDefault("storage", Quantity.ZERO);
    if (size != null
        && sizeBefore != null
        && size.compareTo(sizeBefore) < 0
        && size.compareTo(capacity) <= 0) {
      errors.add(
          FieldError.forbidden(
              SPEC.child("resources", "requests", "storage"),
              "field can not be less than status.capacity"));
    }
    MetadataValidation.immutable(
        c.spec().volumeMode(), before.volumeMode(), FieldPath.of("volumeMode"), errors);
    return errors;
  }

  public static List<FieldError> volume(PersistentVolume v) {
    List<FieldError> errors = Rules.list();
    PersistentVolumeSpec s = v.spec();
    if (s.accessModes().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("accessModes"), ""));
    }
    accessModes(s.accessModes(), SPEC.child("accessModes"), errors);
    capacity(s, SPEC.child("capacity"), errors);
    if (!s.persistentVolumeReclaimPolicy().isEmpty()) {
      Rules.among(
          s.persistentVolumeReclaimPolicy(),
          RECLAIM,
          SPEC.child("persistentVolumeReclaimPolicy"),
          errors);
    }
    var affinity = s.nodeAffinity();
    if (affinity != null) {
      FieldPath at = SPEC.child("nodeAffinity", "required");
      if (affinity.required() == null) {
        errors.add(FieldError.required(at, "must specify required node constraints"));
      } else {
        AffinityValidation.nodeSelector(affinity.required(), at, errors);
      }
    }
    source(s, errors);
    var host = s.hostPath();
    if (host != null
        && host.path().matches("/+")
        && s.persistentVolumeReclaimPolicy().equals("Recycle")) {
      errors.add(
          FieldError.forbidden(
              SPEC.child("persistentVolumeReclaimPolicy"),
              "may not be 'recycle' for a hostPath mount of '/'"));
    }
    className(s.storageClassName(), SPEC.child("storageClassName"), errors);
    Rules.amongIfSet(s.volumeMode(), MODES, SPEC.child("volumeMode"), errors);
    return errors;
  }

  private static void capacity(PersistentVolumeSpec s, FieldPath path, List<FieldError> errors) {
    if (s.capacity().isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
    if (!s.capacity().containsKey("storage") || s.capacity().size() > 1) {
      errors.add(FieldError.notSupported(path, s.capacity().toString(), List.of("storage")));
    }
    s.capacity()
        .forEach(
            (name, quantity) -> {
              if (quantity.signum() < 0) {
                errors.add(
                    FieldError.invalid(
                        path.key(name), quantity.value(), "must be a valid resource quantity"));
              }
              if (quantity.signum() <= 0) {
                errors.add(
                    FieldError.invalid(
                        path.key(name), quantity.toString(), "must be greater than zero"));
              }
            });
  }

  private static void source(PersistentVolumeSpec s, List<FieldError> errors) {
    int count = 0;
    for (Field field : PersistentVolumeSpec.SCHEMA.fields()) {
      if (!NOT_SOURCES.contains(field.name()) && s.component(field.index()) != null) {
        count++;
        if (count > 1) {
          errors.add(
              FieldError.forbidden(
                  SPEC.child(field.name()), "may not specify more than 1 volume type"));
        }
      }
    }
    if (count == 0) {
      errors.add(FieldError.required(SPEC, "must specify a volume type"));
    }
    if (count != 1) {
      return;
    }
    if (s.hostPath() != null) {
      VolumeValidation.hostPath(s.hostPath(), SPEC.child("hostPath"), errors);
    }
    if (s.nfs() != null) {
      VolumeValidation.nfs(s.nfs(), SPEC.child("nfs"), errors);
    }
    var local = s.local();
    if (local != null) {
      FieldPath at = SPEC.child("local", "path");
      if (local.path().isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else {
        VolumeValidation.noSteps(local.path(), at, errors);
      }
      if (s.nodeAffinity() == null) {
        errors.add(
            FieldError.required(SPEC.child("nodeAffinity"), "Local volume requires node affinity"));
      }
    }
    if (s.csi() != null) {
      csi(s.csi(), SPEC.child("csi"), errors);
    }
  }

  private static void csi(CSIPersistentVolumeSource c, FieldPath path, List<FieldError> errors) {
    VolumeValidation.driver(c.driver(), path.child("driver"), errors);
    if (c.volumeHandle().isEmpty()) {
      errors.add(FieldError.required(path.child("volumeHandle"), ""));
    }
    secret(c.controllerPublishSecretRef(), path.child("controllerPublishSecretRef"), errors);
    secret(c.controllerExpandSecretRef(), path.child("controllerExpandSecretRef"), errors);
    secret(c.nodePublishSecretRef(), path.child("nodePublishSecretRef"), errors);
    secret(c.nodeExpandSecretRef(), path.child("nodeExpandSecretRef"), errors);
  }

  private static void secret(
      @Nullable SecretReference ref, FieldPath path, List<FieldError> errors) {
    if (ref == null) {
      return;
    }
    if (ref.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    } else {
      Rules.all(Names.isDns1123Subdomain(ref.name()), ref.name(), path.child("name"), errors);
    }
    if (ref.namespace().isEmpty()) {
      errors.add(FieldError.required(path.child("namespace"), ""));
    } else {
      Rules.all(
          Names.isDns1123Label(ref.namespace()), ref.namespace(), path.child("namespace"), errors);
    }
  }

  public static List<FieldError> volumeUpdate(PersistentVolume v, PersistentVolume old) {
    List<FieldError> errors = volume(v);
    for (Field field : PersistentVolumeSpec.SCHEMA.fields()) {
      if (!NOT_SOURCES.contains(field.name())
          && !Objects.equals(
              v.spec().component(field.index()), old.spec().component(field.index()))) {
        errors.add(
            FieldError.forbidden(
                SPEC.child("persistentvolumesource"),
                "spec.persistentvolumesource is immutable after creation"));
        break;
      }
    }
    MetadataValidation.immutable(
        v.spec().volumeMode(), old.spec().volumeMode(), FieldPath.of("volumeMode"), errors);
    if (old.spec().nodeAffinity() != null
        && !old.spec().nodeAffinity().equals(v.spec().nodeAffinity())) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("nodeAffinity"),
              v.spec().nodeAffinity() == null ? null : Trees.fromMessage(v.spec().nodeAffinity()),
              "field is immutable"));
    }
    return errors;
  }

  public static List<FieldError> storageClass(StorageClass c) {
    List<FieldError> errors = Rules.list();
    FieldPath provisioner = FieldPath.of("provisioner");
    if (c.provisioner().isEmpty()) {
      errors.add(FieldError.required(provisioner, ""));
    } else {
      Rules.all(
          Names.isQualifiedName(c.provisioner().toLowerCase(Locale.ROOT)),
          c.provisioner(),
          provisioner,
          errors);
    }
    parameters(c.parameters(), FieldPath.of("parameters"), errors);
    Rules.amongIfSet(
        c.reclaimPolicy(), Set.of("Delete", "Retain"), FieldPath.of("reclaimPolicy"), errors);
    FieldPath mode = FieldPath.of("volumeBindingMode");
    if (c.volumeBindingMode() == null) {
      errors.add(FieldError.required(mode, ""));
    } else {
      Rules.among(c.volumeBindingMode(), Set.of("Immediate", "WaitForFirstConsumer"), mode, errors);
    }
    for (int i = 0; i < c.allowedTopologies().size(); i++) {
      var expressions = c.allowedTopologies().get(i).matchLabelExpressions();
      FieldPath at = FieldPath.of("allowedTopologies").index(i).child("matchLabelExpressions");
      Set<String> keys = new HashSet<>();
      for (int j = 0; j < expressions.size(); j++) {
        var expression = expressions.get(j);
        FieldPath key = at.index(j).child("key");
        FieldPath values = at.index(j).child("values");
        if (expression.values().isEmpty()) {
          errors.add(FieldError.required(values, ""));
        }
        Set<String> seen = new HashSet<>();
        for (int k = 0; k < expression.values().size(); k++) {
          if (!seen.add(expression.values().get(k))) {
            errors.add(FieldError.duplicate(values.index(k), expression.values().get(k)));
          }
        }
        Rules.all(Names.isQualifiedName(expression.key()), expression.key(), key, errors);
        if (!keys.add(expression.key())) {
          errors.add(FieldError.duplicate(key, expression.key()));
        }
      }
    }
    return errors;
  }

  private static void parameters(
      Map<String, String> parameters, FieldPath path, List<FieldError> errors) {
    if (parameters.size() > MAX_PARAMETERS) {
      errors.add(
          new FieldError(
              FieldError.Type.TOO_LONG,
              "Provisioner Parameters",
              "",
              "may not be more than " + MAX_PARAMETERS + " bytes"));
    }
    long size = 0;
    for (var e : parameters.entrySet()) {
      if (e.getKey().isEmpty()) {
        errors.add(FieldError.invalid(path, e.getKey(), "field can not be empty."));
      }
      size += e.getKey().getBytes(StandardCharsets.UTF_8).length;
      size += e.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (size > MAX_PARAMETER_BYTES) {
      errors.add(FieldError.tooLong(path, MAX_PARAMETER_BYTES));
    }
  }

  public static List<FieldError> storageClassUpdate(StorageClass c, StorageClass old) {
    List<FieldError> errors = storageClass(c);
    MetadataValidation.immutable(
        c.parameters(), old.parameters(), FieldPath.of("parameters"), errors);
    MetadataValidation.immutable(
        c.provisioner(), old.provisioner(), FieldPath.of("provisioner"), errors);
    MetadataValidation.immutable(
        c.reclaimPolicy(), old.reclaimPolicy(), FieldPath.of("reclaimPolicy"), errors);
    MetadataValidation.immutable(
        c.volumeBindingMode(), old.volumeBindingMode(), FieldPath.of("volumeBindingMode"), errors);
    return errors;
  }
}
