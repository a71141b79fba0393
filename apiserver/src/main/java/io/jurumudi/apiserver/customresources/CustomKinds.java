package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.jurumudi.api.apiextensions.v1.CustomResourceSubresources;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.Subresource;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.Resource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The resources of a definition, one for each version that is served. All versions store their
 * objects in the same place and see each other's, converted.
 */
final class CustomKinds {
  private static final Set<String> VERBS =
      Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  /** Of a definition that is being deleted: nothing new comes. */
  private static final Set<String> ENDING_VERBS =
      Set.of("delete", "deletecollection", "get", "list", "watch");

  private static final Set<String> PART_VERBS = Set.of("get", "patch", "update");
  private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

  private CustomKinds() {}

  static List<Resource<CustomObject>> of(
      CustomResourceDefinition crd, boolean ending, Converter converter) {
    CustomResourceDefinitionSpec spec = crd.spec();
    Map<String, CustomVersion> versions = new LinkedHashMap<>();
    CustomVersion stored = null;
    for (CustomResourceDefinitionVersion v : spec.versions()) {
      GroupVersionKind kind = new GroupVersionKind(spec.group(), v.name(), spec.names().kind());
      CustomVersion version =
          CustomVersion.of(
              v, CustomObject.schema(definitionName(kind), kind), spec.preserveUnknownFields());
      versions.put(kind.apiVersion(), version);
      if (v.storage()) {
        stored = version;
      }
    }
    if (stored == null) {
      return List.of(); // Validation lets no such definition in.
    }
    List<Resource<CustomObject>> resources = new ArrayList<>();
    for (CustomVersion version : versions.values()) {
      if (version.definition().served()) {
        CustomForm form = new CustomForm(version, stored, versions, converter);
        resources.add(resource(crd, version, form, ending));
      }
    }
    return resources;
  }

  /** The name that OpenAPI has for a kind: com.example.v1.CronTab. */
  static String definitionName(GroupVersionKind kind) {
    List<String> parts = new ArrayList<>(List.of(kind.group().split("\\.", -1)));
    Collections.reverse(parts);
    return String.join(".", parts) + "." + kind.version() + "." + kind.kind();
  }

  private static Resource<CustomObject> resource(
      CustomResourceDefinition crd, CustomVersion version, CustomForm form, boolean ending) {
    CustomResourceDefinitionSpec spec = crd.spec();
    CustomResourceDefinitionNames names = crd.status().acceptedNames();
    CustomResourceDefinitionVersion v = version.definition();
    GroupVersionKind kind = Objects.requireNonNull(version.schema().kind());
    CustomResourceSubresources parts = v.subresources();
    List<Subresource> subresources = new ArrayList<>();
    if (version.hasStatus()) {
      subresources.add(new Subresource("status", PART_VERBS, kind));
    }
    CustomScale scale = null;
    if (parts != null && parts.scale() != null) {
      scale = new CustomScale(parts.scale());
      subresources.add(new Subresource("scale", PART_VERBS, SCALE));
    }
    GroupVersionKind listKind =
        new GroupVersionKind(spec.group(), v.name(), spec.names().listKind());
    Schema<CustomObject> schema = version.schema();
    ResourceType<CustomObject> type =
        new ResourceType<>(
            spec.group(),
            v.name(),
            spec.names().plural(),
            names.singular(),
            kind.kind(),
            spec.scope().equals("Namespaced"),
            names.shortNames(),
            names.categories(),
            ending ? ENDING_VERBS : VERBS,
            schema,
            CustomObject.listSchema(definitionName(listKind), listKind, schema),
            subresources);
    CustomStrategy strategy = new CustomStrategy(version, scale);
    Resource.Builder<CustomObject> resource =
        Resource.of(type)
            .storedAt(spec.group() + "/" + spec.names().plural())
            .strategy(strategy)
            .defaults(version::filled)
            .form(form, form)
            .columns(CustomColumns.of(v.additionalPrinterColumns()))
            .definition(new CustomDefinition(crd, version));
    if (version.hasStatus()) {
      resource.update("status", strategy.status());
    }
    if (scale != null) {
      resource.scale(scale.mapping());
    }
    if (v.deprecated()) {
      String warning = v.deprecationWarning();
      resource.deprecated(
          warning == null ? kind.apiVersion() + " " + kind.kind() + " is deprecated" : warning);
    }
    return resource.build();
  }
}
