package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a schema may say of how lists and maps are merged: the x-kubernetes- words. */
final class ListWords {
  private static final String LIST_TYPE = "x-kubernetes-list-type";
  private static final String MAP_TYPE = "x-kubernetes-map-type";
  private static final String KEYS = "x-kubernetes-list-map-keys";

  private ListWords() {}

  static void check(JSONSchemaProps s, FieldPath path, List<FieldError> errors) {
    String mapType = s.xKubernetesMapType();
    if (mapType != null) {
      typed(s, "object", MAP_TYPE, path, errors);
      if (!Set.of("atomic", "granular").contains(mapType)) {
        errors.add(
            FieldError.notSupported(path.child(MAP_TYPE), mapType, List.of("atomic", "granular")));
      }
    }
    String listType = s.xKubernetesListType();
    JSONSchemaProps items = s.items() == null ? null : s.items().schema();
    if (listType != null) {
      typed(s, "array", LIST_TYPE, path, errors);
      if (!Set.of("atomic", "set", "map").contains(listType)) {
        errors.add(
            FieldError.notSupported(
                path.child(LIST_TYPE), listType, List.of("atomic", "set", "map")));
      }
      if (items != null && s.type().equals("array") && listType.equals("set")) {
        atomic(items, path, errors);
      }
    }
    if (!s.xKubernetesListMapKeys().isEmpty() && !"map".equals(listType)) {
      String detail = "must be map if x-kubernetes-list-map-keys is non-empty";
      errors.add(
          listType == null
              ? FieldError.required(path.child(LIST_TYPE), detail)
              : FieldError.invalid(path.child(LIST_TYPE), listType, detail));
    }
    if ("map".equals(listType)) {
      map(s, items, path, errors);
    }
    if (items != null && items.nullable() && Set.of("map", "set").contains("" + listType)) {
      errors.add(
          FieldError.forbidden(
              path.child("items", "nullable"),
              "cannot be nullable when x-kubernetes-list-type is " + listType));
    }
  }

  private static void typed(
      JSONSchemaProps s, String wanted, String word, FieldPath path, List<FieldError> errors) {
    if (!s.type().equals(wanted)) {
      String detail = "must be " + wanted + " if " + word + " is specified";
      errors.add(
          s.type().isEmpty()
              ? FieldError.required(path.child("type"), detail)
              : FieldError.invalid(path.child("type"), s.type(), detail));
    }
  }

  private static void atomic(JSONSchemaProps items, FieldPath path, List<FieldError> errors) {
    String detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
    String listType = items.xKubernetesListType();
    if (items.type().equals("array") && listType != null && !listType.equals("atomic")) {
      errors.add(FieldError.invalid(path.child("items", LIST_TYPE), listType, detail));
    }
    if (items.type().equals("object") && !"atomic".equals(items.xKubernetesMapType())) {
      errors.add(FieldError.invalid(path.child("items", MAP_TYPE), null, detail));
    }
  }

  private static void map(
      JSONSchemaProps s,
      @org.jspecify.annotations.Nullable JSONSchemaProps items,
      FieldPath path,
      List<FieldError> errors) {
    List<String> keys = s.xKubernetesListMapKeys();
    if (keys.isEmpty()) {
      errors.add(
          FieldError.required(
              path.child(KEYS), "must not be empty if x-kubernetes-list-type is map"));
    }
    if (items == null) {
      errors.add(
          s.items() == null
              ? FieldError.required(
                  path.child("items"), "must have a schema if x-kubernetes-list-type is map")
              : FieldError.invalid(
                  path.child("items"),
                  Trees.fromMessage(s).get("items"),
                  "must only have a single schema if x-kubernetes-list-type is map"));
      return;
    }
    if (!items.type().equals("object")) {
      errors.add(
          FieldError.invalid(
              path.child("items", "type"),
              items.type(),
              "must be object if parent array's x-kubernetes-list-type is map"));
      return;
    }
    Set<String> seen = new HashSet<>();
    for (String key : keys) {
      FieldPath at = path.child("items", "properties").key(key);
      JSONSchemaProps property = items.properties().get(key);
      if (property == null) {
        errors.add(
            FieldError.invalid(
                path.child(KEYS), keys, "entries must all be names of item properties"));
      } else {
        if (Set.of("array", "object").contains(property.type())) {
          errors.add(
              FieldError.invalid(
                  at.child("type"),
                  items.type(),
                  "must be a scalar type if parent array's x-kubernetes-list-type is map"));
        }
        if (!items.required().contains(key) && property.default_() == null) {
          errors.add(
              FieldError.required(
                  at.child("default"),
                  "this property is in x-kubernetes-list-map-keys, so it must have a default or be"
                      + " a required property"));
        }
        if (property.nullable()) {
          errors.add(
              FieldError.forbidden(
                  at.child("nullable"),
                  "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
        }
      }
      if (!seen.add(key)) {
        errors.add(
            FieldError.invalid(path.child(KEYS), keys, "must not contain duplicate entries"));
      }
    }
  }
}
