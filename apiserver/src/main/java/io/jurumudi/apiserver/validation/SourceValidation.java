package io.jurumudi.apiserver.validation;

import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.Message;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Volumes that are somewhere else: disks of clouds, shares, storage clusters. Pods and persistent
 * volumes have types of their own for the same source, so that fields are looked up by their names.
 */
final class SourceValidation {
  private static final int MAX_PARTITION = 255;
  private static final int MAX_LUN = 255;
  private static final int MAX_TENANT = 64;
  private static final String HOST_PORT =
      "must be a host:port pair or multiple pairs separated by commas";

  /** What a source must have, by the name of the field that holds the source. */
  private static final Map<String, List<String>> REQUIRED =
      Map.ofEntries(
          Map.entry("iscsi", List.of("targetPortal", "iqn")),
          Map.entry("cephfs", List.of("monitors")),
          Map.entry("rbd", List.of("monitors", "image")),
          Map.entry("glusterfs", List.of("endpoints", "path")),
          Map.entry("azureFile", List.of("secretName", "shareName")),
          Map.entry("azureDisk", List.of("diskName", "diskURI")),
          Map.entry("scaleIO", List.of("gateway", "system", "volumeName")),
          Map.entry("quobyte", List.of("registry", "volume")),
          Map.entry("storageos", List.of("volumeName")),
          Map.entry("flexVolume", List.of("driver")),
          Map.entry("photonPersistentDisk", List.of("pdID")),
          Map.entry("portworxVolume", List.of("volumeID")),
          Map.entry("vsphereVolume", List.of("volumePath")),
          Map.entry("cinder", List.of("volumeID")),
          Map.entry("gitRepo", List.of("repository")),
          Map.entry("awsElasticBlockStore", List.of("volumeID")),
          Map.entry("gcePersistentDisk", List.of("pdName")));

  /** Names of initiators and targets (RFC 3720, section 3.2.6), by how they begin. */
  private static final Map<String, Pattern> ISCSI_NAMES =
      Map.of(
          "iqn",
              Pattern.compile(
                  "iqn\\.\\d{4}-\\d{2}\\.([a-z\\d][a-z\\d.-]*[a-z\\d])(:[^,;*&$|\\s]+)"),
          "eui", Pattern.compile("eui\\.[a-fA-F\\d]{16}"),
          "naa", Pattern.compile("naa\\.[a-fA-F\\d]{32}"));

  private SourceValidation() {}

  /**
   * @param name of the field that holds the source
   * @param path of that field
   */
  static void check(String name, Message<?> source, FieldPath path, List<FieldError> errors) {
    for (String field : REQUIRED.getOrDefault(name, List.of())) {
      if (isEmpty(value(source, field))) {
        errors.add(
            FieldError.required(path.child(field), field.equals("registry") ? HOST_PORT : ""));
      }
    }
    switch (name) {
      case "iscsi" -> iscsi(source, path, errors);
      case "fc" -> fibreChannel(source, path, errors);
      case "azureDisk" -> azureDisk(source, path, errors);
      case "quobyte" -> quobyte(source, path, errors);
      case "storageos" -> {
        label(source, "volumeName", path, errors);
        label(source, "volumeNamespace", path, errors);
        secret(source, path, errors);
      }
      case "cinder" -> secret(source, path, errors);
      case "flexVolume" -> options(source, path, errors);
      case "flocker" -> flocker(source, path, errors);
      case "gitRepo" ->
          VolumeValidation.descending(text(source, "directory"), path.child("directory"), errors);
      case "awsElasticBlockStore", "gcePersistentDisk" ->
          within(source, "partition", MAX_PARTITION, path, errors);
      default -> {}
    }
  }

  private static @Nullable Object value(Message<?> source, String name) {
    Field field = source.schema().field(name);
    return field == null ? null : source.component(field.index());
  }

  private static String text(Message<?> source, String name) {
    return value(source, name) instanceof String text ? text : "";
  }

  private static boolean isEmpty(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case Collection<?> list -> list.isEmpty();
      default -> false;
    };
  }

  private static void label(
      Message<?> source, String name, FieldPath path, List<FieldError> errors) {
    String text = text(source, name);
    if (!text.isEmpty()) {
      Rules.all(Names.isDns1123Label(text), text, path.child(name), errors);
    }
  }

  private static void secret(Message<?> source, FieldPath path, List<FieldError> errors) {
    if (value(source, "secretRef") instanceof Message<?> secret && text(secret, "name").isEmpty()) {
      errors.add(FieldError.required(path.child("secretRef", "name"), ""));
    }
  }

  private static void within(
      Message<?> source, String name, int max, FieldPath path, List<FieldError> errors) {
    if (value(source, name) instanceof Number n && (n.longValue() < 0 || n.longValue() > max)) {
      errors.add(
          FieldError.invalid(
              path.child(name), n.longValue(), "must be between 0 and " + max + ", inclusive"));
    }
  }

  private static void iscsi(Message<?> source, FieldPath path, List<FieldError> errors) {
    String target = text(source, "iqn");
    if (!target.isEmpty()) {
      iscsiName(target, path.child("iqn"), errors);
    }
    within(source, "lun", MAX_LUN, path, errors);
    boolean authenticates =
        Boolean.TRUE.equals(value(source, "chapAuthDiscovery"))
            || Boolean.TRUE.equals(value(source, "chapAuthSession"));
    if (authenticates && value(source, "secretRef") == null) {
      errors.add(FieldError.required(path.child("secretRef"), ""));
    }
    if (value(source, "initiatorName") instanceof String initiator) {
      iscsiName(initiator, path.child("initiatorname"), errors);
    }
  }

  private static void iscsiName(String name, FieldPath path, List<FieldError> errors) {
    Pattern form = ISCSI_NAMES.get(name.substring(0, Math.min(3, name.length())));
    if (form == null) {
      errors.add(
          FieldError.invalid(path, name, "must be valid format starting with iqn, eui, or naa"));
    } else if (!form.matcher(name).matches()) {
      errors.add(FieldError.invalid(path, name, "must be valid format"));
    }
  }

  private static void fibreChannel(Message<?> source, FieldPath path, List<FieldError> errors) {
    boolean targets = !isEmpty(value(source, "targetWWNs"));
    boolean ids = !isEmpty(value(source, "wwids"));
    FieldPath at = path.child("targetWWNs");
    if (!targets && !ids) {
      errors.add(FieldError.required(at, "must specify either targetWWNs or wwids, but not both"));
    }
    if (targets && ids) {
      errors.add(
          FieldError.invalid(
              at,
              value(source, "targetWWNs"),
              "targetWWNs and wwids can not be specified simultaneously"));
    }
    if (targets && value(source, "lun") == null) {
      errors.add(
          FieldError.required(path.child("lun"), "lun is required if targetWWNs is specified"));
    } else if (targets) {
      within(source, "lun", MAX_LUN, path, errors);
    }
  }

  private static void azureDisk(Message<?> source, FieldPath path, List<FieldError> errors) {
    if (value(source, "cachingMode") instanceof String mode) {
      Rules.among(mode, Set.of("None", "ReadOnly", "ReadWrite"), path.child("cachingMode"), errors);
    }
    if (!(value(source, "kind") instanceof String kind)) {
      return;
    }
    Rules.among(kind, Set.of("Dedicated", "Managed", "Shared"), path.child("kind"), errors);
    boolean managed = kind.equals("Managed");
    String uri = text(source, "diskURI");
    if (!uri.startsWith(managed ? "/subscriptions/" : "https://")) {
      String form =
          managed
              ? "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
              : "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
      errors.add(FieldError.notSupported(path.child("diskURI"), uri, List.of(form)));
    }
  }

  private static void quobyte(Message<?> source, FieldPath path, List<FieldError> errors) {
    String registry = text(source, "registry");
    if (registry.isEmpty()) {
      return;
    }
    if (text(source, "tenant").length() > MAX_TENANT) {
      errors.add(
          FieldError.required(
              path.child("tenant"), "must be a UUID and may not exceed a length of 64 characters"));
      return;
    }
    for (String pair : registry.split(",", -1)) {
      int colon = pair.lastIndexOf(':');
      if (colon < 0 || (pair.indexOf(':') != colon && !pair.startsWith("["))) {
        errors.add(FieldError.invalid(path.child("registry"), registry, HOST_PORT));
      }
    }
  }

  private static void options(Message<?> source, FieldPath path, List<FieldError> errors) {
    if (!(value(source, "options") instanceof Map<?, ?> options)) {
      return;
    }
    for (Object key : options.keySet()) {
      String name = String.valueOf(key);
      int slash = name.indexOf('/');
      String space = "." + (slash < 0 ? name : name.substring(0, slash)).toLowerCase(Locale.ROOT);
      if (space.endsWith(".kubernetes.io") || space.endsWith(".k8s.io")) {
        errors.add(
            FieldError.invalid(
                path.child("options").key(name),
                name,
                "kubernetes.io and k8s.io namespaces are reserved"));
      }
    }
  }

  private static void flocker(Message<?> source, FieldPath path, List<FieldError> errors) {
    String name = text(source, "datasetName");
    boolean id = !text(source, "datasetUUID").isEmpty();
    if (name.isEmpty() && !id) {
      errors.add(FieldError.required(path, "one of datasetName and datasetUUID is required"));
    }
    if (!name.isEmpty() && id) {
      errors.add(
          FieldError.invalid(
              path, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
    }
    if (name.contains("/")) {
      errors.add(FieldError.invalid(path.child("datasetName"), name, "must not contain '/'"));
    }
  }
}
