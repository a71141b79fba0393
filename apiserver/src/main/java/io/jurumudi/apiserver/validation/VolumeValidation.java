package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.CSIVolumeSource;
import io.jurumudi.api.core.v1.DownwardAPIVolumeFile;
import io.jurumudi.api.core.v1.HostPathVolumeSource;
import io.jurumudi.api.core.v1.KeyToPath;
import io.jurumudi.api.core.v1.NFSVolumeSource;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.VolumeProjection;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.Message;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for the volumes of a pod. */
final class VolumeValidation {
  private static final String MODE_RANGE =
      "must be a number between 0 and 0777 (octal), both inclusive";
  private static final int MODE_MAX = 0777;
  private static final long TOKEN_MIN_SECONDS = 600;
  private static final long TOKEN_MAX_SECONDS = 1L << 32;
  private static final int DRIVER_MAX = 63;
  private static final Set<String> HOST_PATH_TYPES =
      Set.of(
          "",
          "DirectoryOrCreate",
          "Directory",
          "FileOrCreate",
          "File",
          "Socket",
          "CharDevice",
          "BlockDevice");

  private VolumeValidation() {}

  /**
   * Checks all volumes.
   *
   * @param podName empty for a template
   * @return those without errors, by name: the others cannot be mounted
   */
  static Map<String, Volume> check(
      PodSpec spec, String podName, boolean isPod, FieldPath path, List<FieldError> errors) {
    Set<String> created = new HashSet<>();
    if (!podName.isEmpty()) {
      for (Volume v : spec.volumes()) {
        if (v.ephemeral() != null) {
          created.add(podName + "-" + v.name());
        }
      }
    }
    Map<String, Volume> good = new HashMap<>();
    for (int i = 0; i < spec.volumes().size(); i++) {
      Volume v = spec.volumes().get(i);
      FieldPath at = path.index(i);
      FieldPath name = at.child("name");
      List<FieldError> wrong = new ArrayList<>();
      source(v, podName, isPod, at, wrong);
      if (v.name().isEmpty()) {
        wrong.add(FieldError.required(name, ""));
      } else {
        Rules.all(Names.isDns1123Label(v.name()), v.name(), name, wrong);
      }
      if (good.containsKey(v.name())) {
        wrong.add(FieldError.duplicate(name, v.name()));
      }
      if (wrong.isEmpty()) {
        good.put(v.name(), v);
      }
      errors.addAll(wrong);
      var claim = v.persistentVolumeClaim();
      if (claim != null && created.contains(claim.claimName())) {
        errors.add(
            FieldError.invalid(
                at.child("persistentVolumeClaim", "claimName"),
                claim.claimName(),
                "must not reference a PVC that gets created for an ephemeral volume"));
      }
    }
    return good;
  }

  private static void source(
      Volume v, String podName, boolean isPod, FieldPath at, List<FieldError> errors) {
    int sources = 0;
    for (Field field : Volume.SCHEMA.fields()) {
      if (!field.name().equals("name") && v.component(field.index()) != null) {
        sources++;
        if (sources > 1) {
          errors.add(
              FieldError.forbidden(
                  at.child(field.name()), "may not specify more than 1 volume type"));
        }
      }
    }
    if (sources == 0) {
      errors.add(FieldError.required(at, "must specify a volume type"));
    }
    if (sources != 1) {
      return;
    }
    for (Field field : Volume.SCHEMA.fields()) {
      if (v.component(field.index()) instanceof Message<?> source) {
        SourceValidation.check(field.name(), source, at.child(field.name()), errors);
      }
    }
    var empty = v.emptyDir();
    if (empty != null && empty.sizeLimit() != null && empty.sizeLimit().signum() < 0) {
      errors.add(
          FieldError.forbidden(
              at.child("emptyDir", "sizeLimit"),
              "SizeLimit field must be a valid resource quantity"));
    }
    if (v.hostPath() != null) {
      hostPath(v.hostPath(), at.child("hostPath"), errors);
    }
    var secret = v.secret();
    if (secret != null) {
      FieldPath path = at.child("secret");
      if (secret.secretName().isEmpty()) {
        errors.add(FieldError.required(path.child("secretName"), ""));
      }
      mode(secret.defaultMode(), path.child("defaultMode"), errors);
      items(secret.items(), path.child("items"), errors);
    }
    var map = v.configMap();
    if (map != null) {
      FieldPath path = at.child("configMap");
      if (map.name().isEmpty()) {
        errors.add(FieldError.required(path.child("name"), ""));
      }
      mode(map.defaultMode(), path.child("defaultMode"), errors);
      items(map.items(), path.child("items"), errors);
    }
    if (v.persistentVolumeClaim() != null && v.persistentVolumeClaim().claimName().isEmpty()) {
      errors.add(FieldError.required(at.child("persistentVolumeClaim", "claimName"), ""));
    }
    if (v.nfs() != null) {
      nfs(v.nfs(), at.child("nfs"), errors);
    }
    if (v.csi() != null) {
      csi(v.csi(), at.child("csi"), errors);
    }
    var downward = v.downwardAPI();
    if (downward != null) {
      FieldPath path = at.child("downwardAPI");
      mode(downward.defaultMode(), path.child("defaultMode"), errors);
      // Upstream leaves out the element's number.
      downward.items().forEach(f -> downward(f, path, errors));
    }
    var projected = v.projected();
    if (projected != null) {
      FieldPath path = at.child("projected");
      mode(projected.defaultMode(), path.child("defaultMode"), errors);
      projections(projected.sources(), path, errors);
    }
    var image = v.image();
    if (image != null) {
      FieldPath path = at.child("image");
      if (isPod && image.reference().isEmpty()) {
        errors.add(FieldError.required(path.child("reference"), ""));
      }
      Rules.oneOf(image.pullPolicy(), ContainerValidation.PULL, path.child("pullPolicy"), errors);
    }
    ephemeral(v, podName, at, errors);
  }

  private static void ephemeral(
      Volume v, String podName, FieldPath volume, List<FieldError> errors) {
    FieldPath path = volume.child("ephemeral");
    var ephemeral = v.ephemeral();
    if (ephemeral == null) {
      return;
    }
    var template = ephemeral.volumeClaimTemplate();
    if (template == null) {
      errors.add(FieldError.required(path.child("volumeClaimTemplate"), ""));
    } else {
      FieldPath at = path.child("volumeClaimTemplate");
      FieldPath metadata = at.child("metadata");
      errors.addAll(
          MetadataValidation.annotations(
              template.metadata().annotations(), metadata.child("annotations")));
      errors.addAll(
          MetadataValidation.labels(template.metadata().labels(), metadata.child("labels")));
      StorageValidation.claimSpec(template.spec(), at.child("spec"), errors);
    }
    if (!podName.isEmpty() && !v.name().isEmpty()) {
      String claim = podName + "-" + v.name();
      for (String wrong : Names.isDns1123Subdomain(claim)) {
        // The name of the volume is what a client can change.
        errors.add(
            FieldError.invalid(
                volume.child("name"), v.name(), "PVC name \"" + claim + "\": " + wrong));
      }
    }
  }

  static void hostPath(HostPathVolumeSource h, FieldPath path, List<FieldError> errors) {
    if (h.path().isEmpty()) {
      errors.add(FieldError.required(path.child("path"), ""));
      return;
    }
    noSteps(h.path(), path.child("path"), errors);
    Rules.amongIfSet(h.type(), HOST_PATH_TYPES, path.child("type"), errors);
  }

  static void nfs(NFSVolumeSource n, FieldPath path, List<FieldError> errors) {
    if (n.server().isEmpty()) {
      errors.add(FieldError.required(path.child("server"), ""));
    }
    if (n.path().isEmpty()) {
      errors.add(FieldError.required(path.child("path"), ""));
    }
    if (!n.path().startsWith("/")) {
      errors.add(FieldError.invalid(path.child("path"), n.path(), "must be an absolute path"));
    }
  }

  private static void csi(CSIVolumeSource c, FieldPath path, List<FieldError> errors) {
    driver(c.driver(), path.child("driver"), errors);
    var secret = c.nodePublishSecretRef();
    if (secret == null) {
      return;
    }
    if (secret.name().isEmpty()) {
      errors.add(FieldError.required(path.child("nodePublishSecretRef", "name"), ""));
    } else {
      Rules.all(Names.isDns1123Subdomain(secret.name()), secret.name(), path.child("name"), errors);
    }
  }

  /** The name of a CSI driver. */
  static void driver(String name, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    if (name.length() > DRIVER_MAX) {
      errors.add(FieldError.tooLong(path, DRIVER_MAX));
    }
    Rules.all(Names.isDns1123Subdomain(name.toLowerCase(Locale.ROOT)), name, path, errors);
  }

  private static void mode(@Nullable Integer mode, FieldPath path, List<FieldError> errors) {
    if (mode != null && (mode < 0 || mode > MODE_MAX)) {
      errors.add(FieldError.invalid(path, (long) mode, MODE_RANGE));
    }
  }

  private static void items(List<KeyToPath> items, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < items.size(); i++) {
      KeyToPath item = items.get(i);
      FieldPath at = path.index(i);
      if (item.key().isEmpty()) {
        errors.add(FieldError.required(at.child("key"), ""));
      }
      if (item.path().isEmpty()) {
        errors.add(FieldError.required(at.child("path"), ""));
      }
      localFile(item.path(), at.child("path"), errors);
      mode(item.mode(), at.child("mode"), errors);
    }
  }

  private static void downward(DownwardAPIVolumeFile f, FieldPath path, List<FieldError> errors) {
    if (f.path().isEmpty()) {
      errors.add(FieldError.required(path.child("path"), ""));
    }
    localFile(f.path(), path.child("path"), errors);
    if (f.fieldRef() != null) {
      EnvValidation.volumeField(f.fieldRef(), path.child("fieldRef"), errors);
      if (f.resourceFieldRef() != null) {
        errors.add(
            FieldError.invalid(
                path,
                "resource",
                "fieldRef and resourceFieldRef can not be specified simultaneously"));
      }
    } else if (f.resourceFieldRef() != null) {
      EnvValidation.resource(f.resourceFieldRef(), true, path.child("resourceFieldRef"), errors);
    } else {
      errors.add(FieldError.required(path, "one of fieldRef and resourceFieldRef is required"));
    }
    mode(f.mode(), path.child("mode"), errors);
  }

  private static void projections(
      List<VolumeProjection> sources, FieldPath path, List<FieldError> errors) {
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < sources.size(); i++) {
      VolumeProjection s = sources.get(i);
      FieldPath at = path.child("sources").index(i);
      int count = 0;
      if (s.secret() != null) {
        count++;
        projected(s.secret().name(), s.secret().items(), paths, path, at.child("secret"), errors);
      }
      if (s.configMap() != null) {
        count++;
        var map = s.configMap();
        projected(map.name(), map.items(), paths, path, at.child("configMap"), errors);
      }
      if (s.downwardAPI() != null) {
        count++;
        for (DownwardAPIVolumeFile file : s.downwardAPI().items()) {
          downward(file, at.child("downwardAPI"), errors);
          once(file.path(), file.path(), paths, path, errors);
        }
      }
      var token = s.serviceAccountToken();
      if (token != null) {
        count++;
        FieldPath expiration = at.child("serviceAccountToken", "expirationSeconds");
        long seconds = token.expirationSeconds() == null ? 0 : token.expirationSeconds();
        if (seconds < TOKEN_MIN_SECONDS) {
          errors.add(
              FieldError.invalid(
                  expiration, seconds, "may not specify a duration less than 10 minutes"));
        }
        if (seconds > TOKEN_MAX_SECONDS) {
          errors.add(
              FieldError.invalid(
                  expiration, seconds, "may not specify a duration larger than 2^32 seconds"));
        }
        // Upstream names the volume's path, not the source's.
        if (token.path().isEmpty()) {
          errors.add(FieldError.required(path.child("path"), ""));
        } else {
          localFile(token.path(), path.child("path"), errors);
        }
      }
      if (s.clusterTrustBundle() != null) {
        count++;
        if (s.clusterTrustBundle().path().isEmpty()) {
          errors.add(FieldError.required(at.child("clusterTrustBundle", "path"), ""));
        }
      }
      if (s.podCertificate() != null) {
        count++;
      }
      if (count > 1) {
        errors.add(FieldError.forbidden(at, "may not specify more than 1 volume type per source"));
      }
    }
  }

  private static void projected(
      String name,
      List<KeyToPath> items,
      Set<String> paths,
      FieldPath volume,
      FieldPath path,
      List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    }
    items(items, path.child("items"), errors);
    items.forEach(item -> once(item.path(), name, paths, volume, errors));
  }

  private static void once(
      String file, String shown, Set<String> paths, FieldPath volume, List<FieldError> errors) {
    if (!file.isEmpty() && !paths.add(file)) {
      errors.add(FieldError.invalid(volume, shown, "conflicting duplicate paths"));
    }
  }

  /** Whether a path has an element "..". */
  static boolean goesUp(String path) {
    return List.of(path.split("/", -1)).contains("..");
  }

  static void noSteps(String path, FieldPath at, List<FieldError> errors) {
    if (goesUp(path)) {
      errors.add(FieldError.invalid(at, path, "must not contain '..'"));
    }
  }

  /** A path that stays below where it begins. */
  static void descending(String path, FieldPath at, List<FieldError> errors) {
    if (path.startsWith("/")) {
      errors.add(FieldError.invalid(at, path, "must be a relative path"));
    }
    noSteps(path, at, errors);
  }

  /** A path of a file in a volume; names that begin with two dots are the kubelet's. */
  private static void localFile(String path, FieldPath at, List<FieldError> errors) {
    descending(path, at, errors);
    if (path.startsWith("..") && !goesUp(path)) {
      errors.add(FieldError.invalid(at, path, "must not start with '..'"));
    }
  }
}
