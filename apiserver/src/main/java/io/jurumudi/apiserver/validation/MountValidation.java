package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeDevice;
import io.jurumudi.api.core.v1.VolumeMount;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for where a container finds its volumes. */
final class MountValidation {
  private static final Set<String> PROPAGATION = Set.of("Bidirectional", "HostToContainer", "None");
  private static final Set<String> RECURSIVE = Set.of("Disabled", "Enabled", "IfPossible");

  private MountValidation() {}

  static void check(
      Container c, Map<String, Volume> volumes, FieldPath path, List<FieldError> errors) {
    mounts(c, volumes, path.child("volumeMounts"), errors);
    devices(c, volumes, path.child("volumeDevices"), errors);
  }

  private static void mounts(
      Container c, Map<String, Volume> volumes, FieldPath path, List<FieldError> errors) {
    Set<String> deviceNames = new HashSet<>();
    Set<String> devicePaths = new HashSet<>();
    for (VolumeDevice d : c.volumeDevices()) {
      deviceNames.add(d.name());
      devicePaths.add(d.devicePath());
    }
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < c.volumeMounts().size(); i++) {
      VolumeMount m = c.volumeMounts().get(i);
      FieldPath at = path.index(i);
      if (m.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      }
      if (!volumes.containsKey(m.name())) {
        errors.add(FieldError.notFound(at.child("name"), m.name()));
      }
      if (m.mountPath().isEmpty()) {
        errors.add(FieldError.required(at.child("mountPath"), ""));
      }
      if (!paths.add(m.mountPath())) {
        errors.add(FieldError.invalid(at.child("mountPath"), m.mountPath(), "must be unique"));
      }
      if (deviceNames.contains(m.name())) {
        errors.add(
            FieldError.invalid(
                at.child("name"), m.name(), "must not already exist in volumeDevices"));
      }
      if (devicePaths.contains(m.mountPath())) {
        errors.add(
            FieldError.invalid(
                at.child("mountPath"),
                m.mountPath(),
                "must not already exist as a path in volumeDevices"));
      }
      // From here on upstream names fields of the list, not of the element.
      if (!m.subPath().isEmpty()) {
        VolumeValidation.descending(m.subPath(), path.child("subPath"), errors);
      }
      if (!m.subPathExpr().isEmpty()) {
        if (!m.subPath().isEmpty()) {
          errors.add(
              FieldError.invalid(
                  at.child("subPathExpr"),
                  m.subPathExpr(),
                  "subPathExpr and subPath are mutually exclusive"));
        }
        VolumeValidation.descending(m.subPathExpr(), path.child("subPathExpr"), errors);
      }
      propagation(c, m.mountPropagation(), path.child("mountPropagation"), errors);
      recursive(m, path.child("recursiveReadOnly"), errors);
    }
  }

  private static void propagation(
      Container c, @Nullable String mode, FieldPath path, List<FieldError> errors) {
    if (mode == null) {
      return;
    }
    Rules.among(mode, PROPAGATION, path, errors);
    var security = c.securityContext();
    boolean privileged = security != null && Boolean.TRUE.equals(security.privileged());
    if (mode.equals("Bidirectional") && !privileged) {
      errors.add(
          FieldError.forbidden(
              path, "Bidirectional mount propagation is available only to privileged containers"));
    }
  }

  private static void recursive(VolumeMount m, FieldPath path, List<FieldError> errors) {
    String mode = m.recursiveReadOnly();
    if (mode == null || mode.equals("Disabled")) {
      return;
    }
    if (!RECURSIVE.contains(mode)) {
      Rules.among(mode, RECURSIVE, path, errors);
      return;
    }
    if (!m.readOnly()) {
      errors.add(FieldError.forbidden(path, "may only be specified when readOnly is true"));
    }
    if (m.mountPropagation() != null && !m.mountPropagation().equals("None")) {
      errors.add(
          FieldError.forbidden(
              path, "may only be specified when mountPropagation is None or not specified"));
    }
  }

  private static void devices(
      Container c, Map<String, Volume> volumes, FieldPath path, List<FieldError> errors) {
    Set<String> mountNames = new HashSet<>();
    Set<String> mountPaths = new HashSet<>();
    for (VolumeMount m : c.volumeMounts()) {
      mountNames.add(m.name());
      mountPaths.add(m.mountPath());
    }
    Set<String> names = new HashSet<>();
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < c.volumeDevices().size(); i++) {
      VolumeDevice d = c.volumeDevices().get(i);
      FieldPath name = path.index(i).child("name");
      FieldPath device = path.index(i).child("devicePath");
      Volume volume = volumes.get(d.name());
      if (d.name().isEmpty()) {
        errors.add(FieldError.required(name, ""));
      } else if (!names.add(d.name())) {
        errors.add(FieldError.invalid(name, d.name(), "must be unique"));
      }
      if (volume == null) {
        errors.add(FieldError.notFound(name, d.name()));
      } else if (volume.persistentVolumeClaim() == null && volume.ephemeral() == null) {
        errors.add(
            FieldError.invalid(
                name,
                d.name(),
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block"
                    + " mode"));
      }
      if (d.devicePath().isEmpty()) {
        errors.add(FieldError.required(device, ""));
      }
      if (paths.contains(d.devicePath())) {
        errors.add(FieldError.invalid(device, d.devicePath(), "must be unique"));
      }
      if (VolumeValidation.goesUp(d.devicePath())) {
        errors.add(FieldError.invalid(device, d.devicePath(), "can not contain backsteps ('..')"));
      } else {
        paths.add(d.devicePath());
      }
      if (mountNames.contains(d.name())) {
        errors.add(FieldError.invalid(name, d.name(), "must not already exist in volumeMounts"));
      }
      if (mountPaths.contains(d.devicePath())) {
        errors.add(
            FieldError.invalid(
                device, d.devicePath(), "must not already exist as a path in volumeMounts"));
      }
    }
  }
}
