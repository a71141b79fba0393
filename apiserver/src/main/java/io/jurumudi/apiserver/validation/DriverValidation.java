package io.jurumudi.apiserver.validation;

import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.storage.v1.CSIDriver;
import io.jurumudi.api.storage.v1.CSINode;
import io.jurumudi.api.storage.v1.CSINodeDriver;
import io.jurumudi.api.storage.v1.CSIStorageCapacity;
import io.jurumudi.api.storage.v1.VolumeAttachment;
import io.jurumudi.api.storage.v1.VolumeAttributesClass;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** Rules for storage drivers and what they tell. Facts: k8s.io/kubernetes pkg/apis/storage. */
public final class DriverValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> GROUP_POLICIES =
      Set.of("File", "None", "ReadWriteOnceWithFSType");
  private static final Set<String> MODES = Set.of("Ephemeral", "Persistent");
  private static final int SHORTEST_PERIOD = 10;
  private static final int SHORTEST_TOKEN = 600;
  private static final long LONGEST_TOKEN = 1L << 32;
  private static final int NODE_ID_MAX = 256;
  private static final String IMMUTABLE = "field is immutable";

  private DriverValidation() {}

  public static List<FieldError> driver(CSIDriver d) {
    List<FieldError> errors = Rules.list();
    var s = d.spec();
    Rules.amongIfSet(s.fsGroupPolicy(), GROUP_POLICIES, SPEC.child("fsGroupPolicy"), errors);
    Set<String> audiences = new HashSet<>();
    for (int i = 0; i < s.tokenRequests().size(); i++) {
      var request = s.tokenRequests().get(i);
      FieldPath at = SPEC.child("tokenRequests").index(i);
      if (!audiences.add(request.audience())) {
        errors.add(FieldError.duplicate(at.child("audience"), request.audience()));
        continue;
      }
      Long seconds = request.expirationSeconds();
      if (seconds != null && (seconds < SHORTEST_TOKEN || seconds > LONGEST_TOKEN)) {
        errors.add(
            FieldError.invalid(
                at.child("expirationSeconds"), seconds, "must be from 600 to 2^32 seconds"));
      }
    }
    s.volumeLifecycleModes()
        .forEach(mode -> Rules.among(mode, MODES, SPEC.child("volumeLifecycleModes"), errors));
    Long period = s.nodeAllocatableUpdatePeriodSeconds();
    if (period != null && period < SHORTEST_PERIOD) {
      errors.add(
          FieldError.invalid(
              SPEC.child("nodeAllocatableUpdatePeriodSeconds"),
              period,
              "must be greater than or equal to 10 seconds"));
    }
    if (s.serviceAccountTokenInSecrets() != null && s.tokenRequests().isEmpty()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("serviceAccountTokenInSecrets"),
              s.serviceAccountTokenInSecrets(),
              "is set but no tokenRequests are"));
    }
    return errors;
  }

  public static List<FieldError> driverUpdate(CSIDriver d, CSIDriver old) {
    List<FieldError> errors = driver(d);
    MetadataValidation.immutable(
        d.spec().attachRequired(),
        old.spec().attachRequired(),
        SPEC.child("attachedRequired"),
        errors);
    MetadataValidation.immutable(
        d.spec().volumeLifecycleModes(),
        old.spec().volumeLifecycleModes(),
        SPEC.child("volumeLifecycleModes"),
        errors);
    return errors;
  }

  public static List<FieldError> node(CSINode n) {
    List<FieldError> errors = Rules.list();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < n.spec().drivers().size(); i++) {
      CSINodeDriver d = n.spec().drivers().get(i);
      FieldPath at = SPEC.child("drivers").index(i);
      driverName(d.name(), at.child("name"), errors);
      if (d.nodeID().isEmpty()) {
        errors.add(FieldError.required(at.child("nodeID"), ""));
      } else if (d.nodeID().length() > NODE_ID_MAX) {
        errors.add(
            FieldError.invalid(
                at.child("nodeID"), d.nodeID(), "must be " + NODE_ID_MAX + " characters or less"));
      }
      if (d.allocatable() != null) {
        Rules.notNegative(d.allocatable().count(), at.child("allocatable").child("count"), errors);
      }
      if (!names.add(d.name())) {
        errors.add(FieldError.duplicate(at.child("name"), d.name()));
      }
      Set<String> keys = new HashSet<>();
      for (String key : d.topologyKeys()) {
        if (key.isEmpty()) {
          errors.add(FieldError.required(at, ""));
        }
        if (!keys.add(key)) {
          errors.add(FieldError.duplicate(at, key));
        }
        Rules.all(Names.isQualifiedName(key), key, at, errors);
      }
    }
    return errors;
  }

  public static List<FieldError> nodeUpdate(CSINode n, CSINode old) {
    List<FieldError> errors = node(n);
    for (CSINodeDriver before : old.spec().drivers()) {
      for (CSINodeDriver now : n.spec().drivers()) {
        if (now.name().equals(before.name())
            && !now.toBuilder().allocatable(before.allocatable()).build().equals(before)) {
          errors.add(FieldError.invalid(SPEC.child("drivers"), now.name(), IMMUTABLE));
        }
      }
    }
    return errors;
  }

  static void driverName(String name, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
    if (name.length() > Names.LABEL_MAX) {
      errors.add(FieldError.tooLong(path, Names.LABEL_MAX));
    }
    Rules.all(Names.isDns1123Subdomain(name.toLowerCase(Locale.ROOT)), name, path, errors);
  }

  public static List<FieldError> capacity(CSIStorageCapacity c) {
    List<FieldError> errors = Rules.list();
    Rules.selector(c.nodeTopology(), FieldPath.of("nodeTopology"), errors);
    Rules.all(
        Names.isDns1123Subdomain(c.storageClassName()),
        c.storageClassName(),
        FieldPath.of("storageClassName"),
        errors);
    Quantity capacity = c.capacity();
    if (capacity != null && capacity.signum() < 0) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("capacity"), capacity.toString(), "must be greater than or equal to 0"));
    }
    return errors;
  }

  public static List<FieldError> capacityUpdate(CSIStorageCapacity c, CSIStorageCapacity old) {
    List<FieldError> errors = Rules.list();
    if (!Objects.equals(c.nodeTopology(), old.nodeTopology())) {
      errors.add(FieldError.invalid(FieldPath.of("nodeTopology"), "", IMMUTABLE));
    }
    MetadataValidation.immutable(
        c.storageClassName(), old.storageClassName(), FieldPath.of("storageClassName"), errors);
    return errors;
  }

  public static List<FieldError> attachment(VolumeAttachment v) {
    List<FieldError> errors = Rules.list();
    driverName(v.spec().attacher(), SPEC.child("attacher"), errors);
    var source = v.spec().source();
    boolean inline = source.inlineVolumeSpec() != null;
    String name = source.persistentVolumeName();
    FieldPath at = SPEC.child("source");
    if (!inline && name == null) {
      errors.add(FieldError.required(at, "must specify exactly one of the sources"));
    } else if (inline && name != null) {
      errors.add(FieldError.forbidden(at, "must specify exactly one of the sources"));
    } else if (name != null && name.isEmpty()) {
      errors.add(FieldError.required(at.child("persistentVolumeName"), ""));
    }
    Rules.all(
        Names.isDns1123Subdomain(v.spec().nodeName()),
        v.spec().nodeName(),
        SPEC.child("nodeName"),
        errors);
    return errors;
  }

  public static List<FieldError> attachmentUpdate(VolumeAttachment v, VolumeAttachment old) {
    List<FieldError> errors = attachment(v);
    if (!v.spec().equals(old.spec())) {
      errors.add(FieldError.invalid(SPEC, "", IMMUTABLE));
    }
    return errors;
  }

  public static List<FieldError> attributes(VolumeAttributesClass c) {
    List<FieldError> errors = Rules.list();
    FieldPath name = FieldPath.of("driverName");
    if (c.driverName().isEmpty()) {
      errors.add(FieldError.required(name, ""));
    } else {
      Rules.all(
          Names.isQualifiedName(c.driverName().toLowerCase(Locale.ROOT)),
          c.driverName(),
          name,
          errors);
    }
    FieldPath parameters = FieldPath.of("parameters");
    if (c.parameters().isEmpty()) {
      errors.add(FieldError.required(parameters, "must contain at least one key/value pair"));
    }
    if (c.parameters().containsKey("")) {
      errors.add(FieldError.invalid(parameters, "", "field can not be empty."));
    }
    return errors;
  }

  public static List<FieldError> attributesUpdate(
      VolumeAttributesClass c, VolumeAttributesClass old) {
    List<FieldError> errors = Rules.list();
    if (!c.driverName().equals(old.driverName())) {
      errors.add(FieldError.forbidden(FieldPath.of("driverName"), "may not be changed"));
    }
    if (!c.parameters().equals(old.parameters())) {
      errors.add(FieldError.forbidden(FieldPath.of("parameters"), "may not be changed"));
    }
    errors.addAll(attributes(c));
    return errors;
  }
}
