package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceColumnDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceConversion;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.jurumudi.api.apiextensions.v1.CustomResourceSubresourceScale;
import io.jurumudi.api.apiextensions.v1.CustomResourceSubresources;
import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.SelectableField;
import io.jurumudi.api.apiextensions.v1.WebhookClientConfig;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a definition may say, but for its schemas: those are {@link SchemaValidation}'s. The rules
 * are those of upstream's pkg/apis/apiextensions/validation.
 */
final class DefinitionValidation {
  private static final int MAX_WARNING = 256;
  private static final int MAX_SELECTABLE = 8;
  private static final String COLUMN_TYPES = "boolean,date,integer,number,string";
  private static final String COLUMN_FORMATS =
      "byte,date,date-time,double,float,int32,int64,password";
  private static final String ONE_OF_DATATYPES = "must be one of ";

  private DefinitionValidation() {}

  static List<FieldError> validate(CustomResourceDefinition crd) {
    List<FieldError> errors = new ArrayList<>();
    CustomResourceDefinitionSpec spec = crd.spec();
    if (!crd.metadata().name().equals(spec.names().plural() + "." + spec.group())) {
      errors.add(
          FieldError.invalid(
              "metadata.name",
              crd.metadata().name(),
              "must be spec.names.plural+\".\"+spec.group"));
    }
    spec(crd, null, errors);
    storedVersions(crd, errors);
    if (spec.preserveUnknownFields()) {
      errors.add(preserve());
    }
    approval(crd, errors);
    return errors;
  }

  private static FieldError preserve() {
    return FieldError.invalid(
        "spec.preserveUnknownFields",
        true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
            + " spec.versions[*].schema instead");
  }

  private static void approval(CustomResourceDefinition crd, List<FieldError> errors) {
    String group = crd.spec().group();
    if (!DefinitionStatus.isProtected(group)) {
      return;
    }
    String key = "api-approved.kubernetes.io";
    String path = "metadata.annotations[" + key + "]";
    String annotation = crd.metadata().annotations().getOrDefault(key, "");
    if (annotation.isEmpty()) {
      errors.add(
          new FieldError(
              FieldError.Type.REQUIRED,
              path,
              "",
              "protected groups must have approval annotation \""
                  + key
                  + "\", see https://github.com/kubernetes/enhancements/pull/1111"));
    } else if (!annotation.startsWith("unapproved") && !annotation.matches("https?://[^/]+.*")) {
      errors.add(
          FieldError.invalid(
              path,
              annotation,
              "protected groups must have approval annotation \""
                  + key
                  + "\" with either a URL or a reason starting with \"unapproved\", see"
                  + " https://github.com/kubernetes/enhancements/pull/1111"));
    }
  }

  static List<FieldError> validateUpdate(
      CustomResourceDefinition crd, CustomResourceDefinition old) {
    List<FieldError> errors = new ArrayList<>();
    spec(crd, old, errors);
    CustomResourceDefinitionSpec spec = crd.spec();
    CustomResourceDefinitionSpec before = old.spec();
    if (DefinitionStatus.isTrue(old.status(), DefinitionStatus.ESTABLISHED)) {
      immutable("spec.scope", spec.scope(), before.scope(), errors);
      immutable("spec.names.kind", spec.names().kind(), before.names().kind(), errors);
    }
    immutable("spec.group", spec.group(), before.group(), errors);
    immutable("spec.names.plural", spec.names().plural(), before.names().plural(), errors);
    storedVersions(crd, errors);
    if (spec.preserveUnknownFields() && !before.preserveUnknownFields()) {
      errors.add(preserve());
    }
    return errors;
  }

  static List<FieldError> validateStatus(
      CustomResourceDefinition crd, CustomResourceDefinition old) {
    List<FieldError> errors = new ArrayList<>();
    names(crd.status().acceptedNames(), FieldPath.of("status", "acceptedNames"), errors);
    return errors;
  }

  private static void immutable(String path, String value, String old, List<FieldError> errors) {
    if (!value.equals(old)) {
      errors.add(FieldError.invalid(path, value, "field is immutable"));
    }
  }

  /** Formats that schemas name and nobody knows. */
  static List<String> warnings(CustomResourceDefinition crd) {
    List<String> warnings = new ArrayList<>();
    for (CustomResourceDefinitionVersion version : crd.spec().versions()) {
      JSONSchemaProps schema = schema(version);
      if (schema != null) {
        SchemaValidation.visit(
            schema,
            one -> {
              if (!Formats.supported(one)) {
                warnings.add("unrecognized format \"" + one.format() + "\"");
              }
            });
      }
    }
    return warnings;
  }

  static @Nullable JSONSchemaProps schema(CustomResourceDefinitionVersion version) {
    var validation = version.schema_();
    return validation == null ? null : validation.openAPIV3Schema();
  }

  private static void storedVersions(CustomResourceDefinition crd, List<FieldError> errors) {
    List<String> stored = crd.status().storedVersions();
    FieldPath path = FieldPath.of("status", "storedVersions");
    if (stored.isEmpty()) {
      errors.add(FieldError.invalid(path, stored, "must have at least one stored version"));
      return;
    }
    Set<String> known = new HashSet<>();
    for (CustomResourceDefinitionVersion version : crd.spec().versions()) {
      known.add(version.name());
      if (version.storage() && !stored.contains(version.name())) {
        errors.add(
            FieldError.invalid(path, stored, "must have the storage version " + version.name()));
      }
    }
    for (int i = 0; i < stored.size(); i++) {
      String v = stored.get(i);
      if (!known.contains(v)) {
        errors.add(
            FieldError.invalid(
                path.index(i),
                v,
                "missing from spec.versions; "
                    + v
                    + " was previously a storage version, and must remain in spec.versions until a"
                    + " storage migration ensures no data remains persisted in "
                    + v
                    + " and removes "
                    + v
                    + " from status.storedVersions"));
      }
    }
  }

  private static void spec(
      CustomResourceDefinition crd,
      @Nullable CustomResourceDefinition old,
      List<FieldError> errors) {
    CustomResourceDefinitionSpec spec = crd.spec();
    FieldPath path = FieldPath.of("spec");
    if (spec.group().isEmpty()) {
      errors.add(FieldError.required(path.child("group"), ""));
    } else {
      List<String> wrong = Names.isDns1123Subdomain(spec.group());
      if (!wrong.isEmpty()) {
        errors.add(FieldError.invalid(path.child("group"), spec.group(), String.join(",", wrong)));
      } else if (!spec.group().contains(".")) {
        errors.add(
            FieldError.invalid(
                path.child("group"), spec.group(), "should be a domain with at least one dot"));
      }
    }
    oneOf(path.child("scope"), spec.scope(), List.of("Cluster", "Namespaced"), errors);
    FieldPath versions = path.child("versions");
    int storage = 0;
    Set<String> seen = new HashSet<>();
    boolean unique = true;
    for (int i = 0; i < spec.versions().size(); i++) {
      CustomResourceDefinitionVersion version = spec.versions().get(i);
      FieldPath at = versions.index(i);
      storage += version.storage() ? 1 : 0;
      unique &= seen.add(version.name());
      if (schema(version) == null) {
        errors.add(FieldError.required(at.child("schema", "openAPIV3Schema"), ""));
      }
      List<String> wrong = Names.isDns1035Label(version.name());
      if (!wrong.isEmpty()) {
        errors.add(FieldError.invalid(at.child("name"), version.name(), String.join(",", wrong)));
      }
      version(old, version, at, hoisted(spec, version, at), errors);
    }
    if (!unique) {
      errors.add(FieldError.invalid(versions, tree(spec), "must contain unique version names"));
    }
    if (storage != 1) {
      errors.add(
          FieldError.invalid(
              versions, tree(spec), "must have exactly one version marked as storage version"));
    }
    CustomResourceDefinitionNames names = spec.names();
    FieldPath in = path.child("names");
    required(in.child("plural"), names.plural(), errors);
    required(in.child("singular"), names.singular(), errors);
    required(in.child("kind"), names.kind(), errors);
    required(in.child("listKind"), names.listKind(), errors);
    names(names, in, errors);
    CustomResourceConversion conversion = spec.conversion();
    if (conversion != null) {
      conversion(conversion, path.child("conversion"), errors);
    }
  }

  private static Object tree(CustomResourceDefinitionSpec spec) {
    List<@Nullable Object> versions = new ArrayList<>();
    spec.versions().forEach(version -> versions.add(Trees.fromMessage(version)));
    return versions;
  }

  private static void required(FieldPath path, String value, List<FieldError> errors) {
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
  }

  private static void oneOf(
      FieldPath path, String value, List<String> allowed, List<FieldError> errors) {
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (!allowed.contains(value)) {
      errors.add(FieldError.notSupported(path, value, allowed));
    }
  }

  private static void names(
      CustomResourceDefinitionNames names, FieldPath path, List<FieldError> errors) {
    label(path.child("plural"), names.plural(), errors);
    label(path.child("singular"), names.singular(), errors);
    mixedLabel(path.child("kind"), names.kind(), errors);
    mixedLabel(path.child("listKind"), names.listKind(), errors);
    for (int i = 0; i < names.shortNames().size(); i++) {
      label(path.child("shortNames").index(i), names.shortNames().get(i), errors);
    }
    if (!names.kind().isEmpty() && names.kind().equals(names.listKind())) {
      errors.add(
          FieldError.invalid(
              path.child("listKind"), names.listKind(), "kind and listKind may not be the same"));
    }
    for (int i = 0; i < names.categories().size(); i++) {
      label(path.child("categories").index(i), names.categories().get(i), errors);
    }
  }

  private static void label(FieldPath path, String value, List<FieldError> errors) {
    List<String> wrong = value.isEmpty() ? List.of() : Names.isDns1035Label(value);
    if (!wrong.isEmpty()) {
      errors.add(FieldError.invalid(path, value, String.join(",", wrong)));
    }
  }

  private static void mixedLabel(FieldPath path, String value, List<FieldError> errors) {
    List<String> wrong =
        value.isEmpty() ? List.of() : Names.isDns1035Label(value.toLowerCase(Locale.ROOT));
    if (!wrong.isEmpty()) {
      errors.add(
          FieldError.invalid(
              path,
              value,
              "may have mixed case, but should otherwise match: " + String.join(",", wrong)));
    }
  }

  /**
   * Where errors are found. What all versions say alike upstream keeps in one place outside of the
   * versions, and names that place.
   *
   * @param schema null where an earlier version's errors are told already
   */
  private record Places(
      @Nullable FieldPath schema, @Nullable FieldPath subresources, @Nullable FieldPath columns) {}

  private static Places hoisted(
      CustomResourceDefinitionSpec spec, CustomResourceDefinitionVersion version, FieldPath at) {
    CustomResourceDefinitionVersion first = spec.versions().getFirst();
    FieldPath outside = FieldPath.of("spec");
    boolean again = !version.name().equals(first.name());
    boolean schemas =
        spec.versions().stream().allMatch(v -> Objects.equals(v.schema_(), first.schema_()));
    boolean parts =
        spec.versions().stream()
            .allMatch(v -> Objects.equals(v.subresources(), first.subresources()));
    boolean columns =
        spec.versions().stream()
            .allMatch(v -> v.additionalPrinterColumns().equals(first.additionalPrinterColumns()));
    return new Places(
        schemas
            ? (again ? null : outside.child("validation", "openAPIV3Schema"))
            : at.child("schema", "openAPIV3Schema"),
        parts ? (again ? null : outside.child("subresources")) : at.child("subresources"),
        columns
            ? (again ? null : outside.child("additionalPrinterColumns"))
            : at.child("additionalPrinterColumns"));
  }

  private static void version(
      @Nullable CustomResourceDefinition old,
      CustomResourceDefinitionVersion version,
      FieldPath path,
      Places places,
      List<FieldError> errors) {
    String warning = version.deprecationWarning();
    FieldPath at = path.child("deprecationWarning");
    if (warning != null) {
      if (!version.deprecated()) {
        errors.add(FieldError.invalid(at, warning, "can only be set for deprecated versions"));
      } else if (warning.isEmpty()) {
        errors.add(FieldError.invalid(at, warning, "must not be an empty string"));
      } else if (warning.length() > MAX_WARNING) {
        errors.add(
            FieldError.invalid(at, warning, "must be <= " + MAX_WARNING + " characters long"));
      }
    }
    JSONSchemaProps schema = schema(version);
    CustomResourceSubresources parts = version.subresources();
    boolean status = parts != null && parts.status() != null;
    if (schema != null && places.schema() != null) {
      errors.addAll(
          SchemaValidation.validate(schema, places.schema(), status, was(old, version)));
    }
    if (parts != null && parts.scale() != null && places.subresources() != null) {
      scale(parts.scale(), places.subresources(), errors);
    }
    FieldPath columns = places.columns();
    for (int i = 0; columns != null && i < version.additionalPrinterColumns().size(); i++) {
      column(
          version.additionalPrinterColumns().get(i),
          columns.index(i),
          errors);
    }
    if (!version.selectableFields().isEmpty()) {
      selectable(version, schema, path.child("selectableFields"), errors);
    }
  }

  /** The schema that the version had; null where it had none. */
  private static @Nullable JSONSchemaProps was(
      @Nullable CustomResourceDefinition old, CustomResourceDefinitionVersion version) {
    if (old != null) {
      for (CustomResourceDefinitionVersion v : old.spec().versions()) {
        if (v.name().equals(version.name())) {
          return schema(v);
        }
      }
    }
    return null;
  }

  private static void scale(
      CustomResourceSubresourceScale scale, FieldPath path, List<FieldError> errors) {
    replicas(scale.specReplicasPath(), path.child("scale.specReplicasPath"), ".spec.", errors);
    replicas(
        scale.statusReplicasPath(), path.child("scale.statusReplicasPath"), ".status.", errors);
    String labels = scale.labelSelectorPath();
    if (labels != null
        && !labels.isEmpty()
        && simplePath(labels, path.child("scale.labelSelectorPath"), errors)
        && !labels.startsWith(".spec.")
        && !labels.startsWith(".status.")) {
      errors.add(
          FieldError.invalid(
              path.child("scale.labelSelectorPath"),
              labels,
              "should be a json path under either .spec or .status"));
    }
  }

  private static void replicas(
      String value, FieldPath path, String under, List<FieldError> errors) {
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (simplePath(value, path, errors) && !value.startsWith(under)) {
      errors.add(
          FieldError.invalid(
              path,
              value,
              "should be a json path under " + under.substring(0, under.length() - 1)));
    }
  }

  private static boolean simplePath(String value, FieldPath path, List<FieldError> errors) {
    if (value.startsWith(".")) {
      return true;
    }
    errors.add(FieldError.invalid(path, value, "must be a simple json path starting with ."));
    return false;
  }

  private static void column(
      CustomResourceColumnDefinition column, FieldPath path, List<FieldError> errors) {
    if (column.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    }
    if (column.type().isEmpty()) {
      errors.add(FieldError.required(path.child("type"), ONE_OF_DATATYPES + COLUMN_TYPES));
    } else if (!List.of(COLUMN_TYPES.split(",", -1)).contains(column.type())) {
      errors.add(
          FieldError.invalid(path.child("type"), column.type(), ONE_OF_DATATYPES + COLUMN_TYPES));
    }
    if (!column.format().isEmpty()
        && !List.of(COLUMN_FORMATS.split(",", -1)).contains(column.format())) {
      errors.add(
          FieldError.invalid(
              path.child("format"), column.format(), ONE_OF_DATATYPES + COLUMN_FORMATS));
    }
    if (column.jsonPath().isEmpty()) {
      errors.add(FieldError.required(path.child("JSONPath"), ""));
    } else {
      simplePath(column.jsonPath(), path.child("JSONPath"), errors);
    }
  }

  private static void selectable(
      CustomResourceDefinitionVersion version,
      @Nullable JSONSchemaProps schema,
      FieldPath path,
      List<FieldError> errors) {
    if (schema == null) {
      errors.add(
          FieldError.invalid(
              path, "", "may only be set when `version.schema.openAPIV3Schema` is not included"));
      return;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < version.selectableFields().size(); i++) {
      SelectableField field = version.selectableFields().get(i);
      FieldPath at = path.index(i).child("jsonPath");
      if (field.jsonPath().isEmpty()) {
        errors.add(FieldError.required(at, ""));
        continue;
      }
      JSONSchemaProps here = field.jsonPath().startsWith(".") ? schema : null;
      List<String> names = List.of();
      if (here != null) {
        try {
          names = JsonPath.parse(field.jsonPath()).names();
        } catch (IllegalArgumentException e) {
          here = null;
        }
      }
      for (String name : names) {
        here = here == null ? null : here.properties().get(name);
      }
      if (!names.isEmpty() && names.getFirst().equals("metadata")) {
        errors.add(
            FieldError.invalid(at, field.jsonPath(), "must not point to fields in metadata"));
      } else if (here == null || field.jsonPath().contains("[")) {
        errors.add(
            FieldError.invalid(
                at, field.jsonPath(), "is an invalid path: does not refer to a valid field"));
        continue;
      } else if (!Set.of("string", "boolean", "integer").contains(here.type())) {
        errors.add(
            FieldError.invalid(
                at,
                field.jsonPath(),
                "must point to a field of type string, boolean or integer. Enum string fields and"
                    + " strings with formats are allowed."));
      }
      if (!seen.add(field.jsonPath())) {
        errors.add(FieldError.duplicate(at, field.jsonPath()));
      }
    }
    if (seen.size() > MAX_SELECTABLE) {
      errors.add(FieldError.tooMany(path, seen.size(), MAX_SELECTABLE));
    }
  }

  private static void conversion(
      CustomResourceConversion conversion, FieldPath path, List<FieldError> errors) {
    oneOf(path.child("strategy"), conversion.strategy(), List.of("None", "Webhook"), errors);
    var webhook = conversion.webhook();
    FieldPath at = path.child("webhookClientConfig");
    FieldPath reviews = path.child("conversionReviewVersions");
    if (!conversion.strategy().equals("Webhook")) {
      if (webhook != null && webhook.clientConfig() != null) {
        errors.add(
            FieldError.forbidden(at, "should not be set when strategy is not set to Webhook"));
      }
      if (webhook != null && !webhook.conversionReviewVersions().isEmpty()) {
        errors.add(
            FieldError.forbidden(reviews, "should not be set when strategy is not set to Webhook"));
      }
      return;
    }
    WebhookClientConfig client = webhook == null ? null : webhook.clientConfig();
    if (client == null) {
      errors.add(FieldError.required(at, "required when strategy is set to Webhook"));
    } else if ((client.url() == null) == (client.service() == null)) {
      errors.add(FieldError.required(at, "exactly one of url or service is required"));
    }
    List<String> versions = webhook == null ? List.of() : webhook.conversionReviewVersions();
    if (versions.isEmpty()) {
      errors.add(FieldError.required(reviews, ""));
    } else if (!versions.contains("v1") && !versions.contains("v1beta1")) {
      errors.add(FieldError.invalid(reviews, versions, "must include at least one of v1, v1beta1"));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < versions.size(); i++) {
      if (!seen.add(versions.get(i))) {
        errors.add(FieldError.invalid(reviews.index(i), versions.get(i), "duplicate version"));
      }
    }
  }
}
