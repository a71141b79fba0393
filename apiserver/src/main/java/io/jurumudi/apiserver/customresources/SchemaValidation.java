package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What a definition's schema may say: which of OpenAPI's words, that it is structural, and that its
 * defaults fit. The rules are those of upstream's pkg/apis/apiextensions/validation and
 * pkg/apiserver/schema/validation.go.
 */
final class SchemaValidation {
  private static final List<String> TYPES =
      List.of("array", "boolean", "integer", "number", "object", "string");
  private static final Set<String> AT_ROOT_WITH_STATUS =
      Set.of(
          "description",
          "type",
          "format",
          "title",
          "maximum",
          "exclusiveMaximum",
          "minimum",
          "exclusiveMinimum",
          "maxLength",
          "minLength",
          "pattern",
          "maxItems",
          "minItems",
          "uniqueItems",
          "multipleOf",
          "required",
          "items",
          "properties",
          "externalDocs",
          "example",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-validations");
  private static final String ROOT_WORDS =
      "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength"
          + " MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties"
          + " ExternalDocs Example XPreserveUnknownFields XValidations]";

  private final List<FieldError> errors = new ArrayList<>();

  private SchemaValidation() {}

  /** Calls for a schema and all that it is made of. */
  static void visit(JSONSchemaProps schema, Consumer<JSONSchemaProps> visitor) {
    visitor.accept(schema);
    JSONSchemaPropsOrArray items = schema.items();
    if (items != null && items.schema() != null) {
      visit(items.schema(), visitor);
    }
    JSONSchemaPropsOrBool rest = schema.additionalProperties();
    if (rest != null && rest.schema() != null) {
      visit(rest.schema(), visitor);
    }
    schema.properties().values().forEach(property -> visit(property, visitor));
    schema.allOf().forEach(one -> visit(one, visitor));
    schema.anyOf().forEach(one -> visit(one, visitor));
    schema.oneOf().forEach(one -> visit(one, visitor));
    if (schema.not() != null) {
      visit(schema.not(), visitor);
    }
  }

  /**
   * What is wrong with a schema.
   *
   * @param status whether the kind has a status subresource
   * @param old the schema that the version had; null where it had none
   */
  static List<FieldError> validate(
      JSONSchemaProps schema, FieldPath path, boolean status, @Nullable JSONSchemaProps old) {
    SchemaValidation v = new SchemaValidation();
    if (status) {
      v.rootWithStatus(schema, path);
    }
    if (schema.nullable()) {
      v.errors.add(
          FieldError.forbidden(path.child("nullable"), "nullable cannot be true at the root"));
    }
    int before = v.errors.size();
    v.structural(schema, Level.ROOT, path);
    v.complete(schema, path);
    if (v.errors.size() == before) {
      v.defaults(StructuralSchema.of(schema).asRoot(), path, false);
    }
    boolean structural = v.errors.size() == before;
    v.words(schema, path, true, new Context(true, "", false));
    if (structural && v.errors.size() == before && !schema.equals(old)) {
      Rules rules = Rules.of(StructuralSchema.of(schema));
      if (rules != null) {
        v.errors.addAll(rules.check(path));
      }
    }
    return v.errors;
  }

  private void rootWithStatus(JSONSchemaProps schema, FieldPath path) {
    if (!schema.type().isEmpty() && !schema.type().equals("object")) {
      errors.add(
          FieldError.invalid(
              path.child("type"),
              schema.type(),
              "only \"object\" is allowed as the type at the root of the schema if the status"
                  + " subresource is enabled"));
      return;
    }
    for (String word : Trees.fromMessage(schema).keySet()) {
      if (!AT_ROOT_WITH_STATUS.contains(word)) {
        errors.add(
            FieldError.invalid(
                path,
                Trees.fromMessage(schema),
                "only "
                    + ROOT_WORDS
                    + " fields are allowed at the root of the schema if the status subresource is"
                    + " enabled"));
        return;
      }
    }
  }

  private enum Level {
    ROOT,
    ITEM,
    FIELD
  }

  private void structural(JSONSchemaProps s, Level level, FieldPath path) {
    JSONSchemaProps items = s.items() == null ? null : s.items().schema();
    if (s.type().equals("array") && items == null) {
      errors.add(FieldError.required(path.child("items"), "must be specified"));
    }
    if (items != null) {
      structural(items, Level.ITEM, path.child("items"));
    }
    s.properties()
        .forEach(
            (name, property) ->
                structural(property, Level.FIELD, path.child("properties").key(name)));
    JSONSchemaPropsOrBool rest = s.additionalProperties();
    if (rest != null) {
      if (level == Level.ROOT) {
        errors.add(
            FieldError.forbidden(
                path.child("additionalProperties"), "must not be used at the root"));
      }
      if (rest.schema() != null) {
        structural(rest.schema(), Level.FIELD, path.child("additionalProperties"));
      }
    }
    boolean preserves = Boolean.TRUE.equals(s.xKubernetesPreserveUnknownFields());
    if (s.xKubernetesIntOrString() && preserves) {
      errors.add(
          FieldError.invalid(
              path.child("x-kubernetes-preserve-unknown-fields"),
              true,
              "must be false if x-kubernetes-int-or-string is true"));
    }
    if (s.xKubernetesIntOrString() && s.xKubernetesEmbeddedResource()) {
      errors.add(
          FieldError.invalid(
              path.child("x-kubernetes-embedded-resource"),
              true,
              "must be false if x-kubernetes-int-or-string is true"));
    }
    values(s, isIntOrString(s.anyOf()), firstIsIntOrString(s), path);
    typed(s, level, preserves, path);
    meta(s, level, preserves, path);
  }

  private void typed(JSONSchemaProps s, Level level, boolean preserves, FieldPath path) {
    FieldPath type = path.child("type");
    if (s.xKubernetesEmbeddedResource() && !s.type().equals("object")) {
      String detail = "must be object if x-kubernetes-embedded-resource is true";
      errors.add(
          s.type().isEmpty()
              ? FieldError.required(type, detail)
              : FieldError.invalid(type, s.type(), detail));
    } else if (s.type().isEmpty() && !s.xKubernetesIntOrString() && !preserves) {
      errors.add(
          FieldError.required(
              type,
              switch (level) {
                case ROOT -> "must not be empty at the root";
                case ITEM -> "must not be empty for specified array items";
                case FIELD -> "must not be empty for specified object fields";
              }));
    }
    if (s.xKubernetesEmbeddedResource() && s.additionalProperties() != null) {
      errors.add(
          FieldError.forbidden(
              path.child("additionalProperties"),
              "must not be used if x-kubernetes-embedded-resource is set"));
    }
    if (level == Level.ROOT && !s.type().isEmpty() && !s.type().equals("object")) {
      errors.add(FieldError.invalid(type, s.type(), "must be object at the root"));
    }
  }

  private void meta(JSONSchemaProps s, Level level, boolean preserves, FieldPath path) {
    boolean whole = level == Level.ROOT || s.xKubernetesEmbeddedResource();
    FieldPath properties = path.child("properties");
    for (String name : List.of("kind", "apiVersion")) {
      JSONSchemaProps property = s.properties().get(name);
      if (whole && property != null && !property.type().equals("string")) {
        errors.add(
            FieldError.invalid(
                properties.key(name).child("type"), property.type(), "must be string"));
      }
    }
    JSONSchemaProps metadata = s.properties().get("metadata");
    if (metadata != null && whole) {
      if (!metadata.type().equals("object")) {
        errors.add(
            FieldError.invalid(
                properties.key("metadata").child("type"), metadata.type(), "must be object"));
      }
      boolean names = Set.of("name", "generateName").containsAll(metadata.properties().keySet());
      JSONSchemaProps bare =
          metadata.toBuilder()
              .type("")
              .default_((io.jurumudi.api.util.RawJson) null)
              .properties(names ? java.util.Map.of() : metadata.properties())
              .description("")
              .build();
      if (level == Level.ROOT && !bare.equals(JSONSchemaProps.EMPTY)) {
        errors.add(
            FieldError.forbidden(
                properties.key("metadata"),
                "must not specify anything other than name and generateName, but metadata is"
                    + " implicitly specified"));
      }
    }
    if (s.xKubernetesEmbeddedResource() && !preserves && s.properties().isEmpty()) {
      errors.add(
          FieldError.required(
              properties,
              "must not be empty if x-kubernetes-embedded-resource is true without"
                  + " x-kubernetes-preserve-unknown-fields"));
    }
  }

  private static boolean isIntOrString(List<JSONSchemaProps> any) {
    return any.size() == 2
        && any.get(0).equals(JSONSchemaProps.builder().type("integer").build())
        && any.get(1).equals(JSONSchemaProps.builder().type("string").build());
  }

  private static boolean firstIsIntOrString(JSONSchemaProps s) {
    return !s.allOf().isEmpty() && isIntOrString(s.allOf().getFirst().anyOf());
  }

  private void values(JSONSchemaProps s, boolean skipAnyOf, boolean skipFirst, FieldPath path) {
    if (!skipAnyOf) {
      nestedAll(s.anyOf(), path.child("anyOf"));
    }
    for (int i = 0; i < s.allOf().size(); i++) {
      nested(s.allOf().get(i), skipFirst && i == 0, path.child("allOf").index(i));
    }
    nestedAll(s.oneOf(), path.child("oneOf"));
    if (s.not() != null) {
      nested(s.not(), false, path.child("not"));
    }
    if (!s.pattern().isEmpty()) {
      try {
        Pattern.compile(s.pattern());
      } catch (PatternSyntaxException e) {
        errors.add(
            FieldError.invalid(
                path.child("pattern"),
                s.pattern(),
                "must be a valid regular expression, but isn't: " + e.getDescription()));
      }
    }
  }

  private void nestedAll(List<JSONSchemaProps> all, FieldPath path) {
    for (int i = 0; i < all.size(); i++) {
      nested(all.get(i), false, path.index(i));
    }
  }

  /** Inside of allOf, anyOf, oneOf and not there is nothing said of the structure. */
  private void nested(JSONSchemaProps s, boolean skipAnyOf, FieldPath path) {
    values(s, skipAnyOf, false, path);
    if (s.items() != null && s.items().schema() != null) {
      nested(s.items().schema(), false, path.child("items"));
    }
    s.properties()
        .forEach((name, property) -> nested(property, false, path.child("properties").key(name)));
    forbid(!s.type().isEmpty(), path, "type", "must be empty to be structural");
    forbid(
        s.additionalProperties() != null,
        path,
        "additionalProperties",
        "must be undefined to be structural");
    forbid(s.default_() != null, path, "default", "must be undefined to be structural");
    forbid(!s.title().isEmpty(), path, "title", "must be empty to be structural");
    forbid(!s.description().isEmpty(), path, "description", "must be empty to be structural");
    forbid(s.nullable(), path, "nullable", "must be false to be structural");
    forbid(
        Boolean.TRUE.equals(s.xKubernetesPreserveUnknownFields()),
        path,
        "x-kubernetes-preserve-unknown-fields",
        "must be false to be structural");
    forbid(
        s.xKubernetesEmbeddedResource(),
        path,
        "x-kubernetes-embedded-resource",
        "must be false to be structural");
    forbid(
        s.xKubernetesIntOrString(),
        path,
        "x-kubernetes-int-or-string",
        "must be false to be structural");
    forbid(
        !s.xKubernetesListMapKeys().isEmpty(),
        path,
        "x-kubernetes-list-map-keys",
        "must be empty to be structural");
    forbid(
        s.xKubernetesListType() != null,
        path,
        "x-kubernetes-list-type",
        "must be undefined to be structural");
    forbid(
        s.xKubernetesMapType() != null,
        path,
        "x-kubernetes-map-type",
        "must be undefined to be structural");
    forbid(
        !s.xKubernetesValidations().isEmpty(),
        path,
        "x-kubernetes-validations",
        "must be empty to be structural");
    if (s.properties().containsKey("metadata")) {
      errors.add(
          FieldError.forbidden(
              path.child("properties").key("metadata"),
              "must not be specified in a nested context"));
    }
  }

  private void forbid(boolean wrong, FieldPath path, String word, String detail) {
    if (wrong) {
      errors.add(FieldError.forbidden(path.child(word), detail));
    }
  }

  /** What is said of values must be of fields that there are. */
  private void complete(JSONSchemaProps s, FieldPath path) {
    junctors(s, s, path, path);
    JSONSchemaProps items = s.items() == null ? null : s.items().schema();
    if (items != null) {
      complete(items, path.child("items"));
    }
    s.properties()
        .forEach((name, property) -> complete(property, path.child("properties").key(name)));
    JSONSchemaPropsOrBool rest = s.additionalProperties();
    if (rest != null && rest.schema() != null) {
      complete(rest.schema(), path.child("additionalProperties"));
    }
  }

  private void junctors(
      JSONSchemaProps said, @Nullable JSONSchemaProps of, FieldPath path, FieldPath ofPath) {
    for (int i = 0; i < said.allOf().size(); i++) {
      covered(said.allOf().get(i), of, path.child("allOf").index(i), ofPath);
    }
    for (int i = 0; i < said.anyOf().size(); i++) {
      covered(said.anyOf().get(i), of, path.child("anyOf").index(i), ofPath);
    }
    for (int i = 0; i < said.oneOf().size(); i++) {
      covered(said.oneOf().get(i), of, path.child("oneOf").index(i), ofPath);
    }
    if (said.not() != null) {
      covered(said.not(), of, path.child("not"), ofPath);
    }
  }

  private void covered(
      JSONSchemaProps said, @Nullable JSONSchemaProps of, FieldPath path, FieldPath ofPath) {
    junctors(said, of, path, ofPath);
    JSONSchemaProps items = said.items() == null ? null : said.items().schema();
    if (items != null) {
      JSONSchemaProps own = of == null || of.items() == null ? null : of.items().schema();
      if (own == null) {
        errors.add(
            FieldError.required(
                ofPath.child("items"), "because it is defined in " + path.child("items")));
      } else {
        covered(items, own, path.child("items"), ofPath.child("items"));
      }
    }
    said.properties()
        .forEach(
            (name, property) -> {
              FieldPath at = path.child("properties").key(name);
              FieldPath ownPath = ofPath.child("properties").key(name);
              JSONSchemaProps own = of == null ? null : of.properties().get(name);
              if (own == null) {
                errors.add(FieldError.required(ownPath, "because it is defined in " + at));
              } else {
                covered(property, own, at, ownPath);
              }
            });
  }

  /** A default is pruned already, and is what the schema asks for. */
  private void defaults(StructuralSchema s, FieldPath path, boolean insideMeta) {
    Object value = s.byDefault();
    boolean inside = insideMeta && !s.embedded();
    if (value != null && !inside) {
      FieldPath at = path.child("default");
      if (!Objects.equals(Pruning.prune(value, s, unknown -> {}), value)) {
        errors.add(FieldError.invalid(at, value, "must not have unknown fields"));
      }
      try {
        EmbeddedObjects.coerce(value, s, unknown -> {});
      } catch (ApiException e) {
        errors.add(FieldError.invalid(at, value, String.valueOf(e.getMessage())));
      }
      for (FieldError error : EmbeddedObjects.validate(value, s)) {
        errors.add(
            new FieldError(
                error.type(), at + "." + error.field(), error.badValue(), error.detail()));
      }
      errors.addAll(ValueRules.of(s.source()).validate(at.toString(), value, ValueRules.UNRELATED));
    }
    if (s.items() != null) {
      defaults(s.items(), path.child("items"), inside);
    }
    s.properties()
        .forEach(
            (name, property) ->
                defaults(
                    property,
                    path.child("properties").key(name),
                    inside || (s.embedded() && Pruning.META.contains(name))));
  }

  /**
   * Where a schema is.
   *
   * @param noDefaults why there may be no defaults; empty for no particular reason
   */
  private record Context(boolean defaults, String noDefaults, boolean meta) {
    Context without(String reason) {
      return new Context(false, reason, meta);
    }

    Context inMeta() {
      return new Context(defaults, noDefaults, true);
    }
  }

  private void words(JSONSchemaProps s, FieldPath path, boolean root, Context in) {
    refused(s, path, in);
    JSONSchemaPropsOrBool rest = s.additionalProperties();
    if (rest != null) {
      if (!s.properties().isEmpty() && (!rest.allows() || rest.schema() != null)) {
        errors.add(
            FieldError.forbidden(
                path.child("additionalProperties"),
                "additionalProperties and properties are mutual exclusive"));
      }
      if (rest.schema() != null) {
        words(
            rest.schema(),
            path.child("additionalProperties"),
            false,
            in.meta() ? in.without("inside additionalProperties applying to object metadata") : in);
      }
    }
    s.properties()
        .forEach(
            (name, property) -> {
              Context below = in;
              if ((root || s.xKubernetesEmbeddedResource()) && Pruning.META.contains(name)) {
                below = root ? in.inMeta().without("in top-level " + name) : in.inMeta();
              }
              words(property, path.child("properties").key(name), false, below);
            });
    if (s.not() != null) {
      words(s.not(), path.child("not"), false, in);
    }
    wordsAll(s.allOf(), path.child("allOf"), in);
    wordsAll(s.oneOf(), path.child("oneOf"), in);
    wordsAll(s.anyOf(), path.child("anyOf"), in);
    if (s.items() != null && s.items().schema() != null) {
      words(s.items().schema(), path.child("items"), false, in);
    }
    ListWords.check(s, path, errors);
    rules(s, path);
  }

  private void wordsAll(List<JSONSchemaProps> all, FieldPath path, Context in) {
    for (int i = 0; i < all.size(); i++) {
      words(all.get(i), path.index(i), false, in);
    }
  }

  private void refused(JSONSchemaProps s, FieldPath path, Context in) {
    if (!s.type().isEmpty() && !s.type().equals("null") && !TYPES.contains(s.type())) {
      errors.add(FieldError.notSupported(path.child("type"), s.type(), new TreeSet<>(TYPES)));
    }
    if (s.default_() != null && !in.defaults()) {
      errors.add(
          FieldError.forbidden(
              path.child("default"),
              in.noDefaults().isEmpty()
                  ? "must not be set"
                  : "must not be set " + in.noDefaults()));
    }
    forbid(!s.id().isEmpty(), path, "id", "id is not supported");
    forbid(
        s.additionalItems() != null, path, "additionalItems", "additionalItems is not supported");
    forbid(
        !s.patternProperties().isEmpty(),
        path,
        "patternProperties",
        "patternProperties is not supported");
    forbid(!s.definitions().isEmpty(), path, "definitions", "definitions is not supported");
    forbid(!s.dependencies().isEmpty(), path, "dependencies", "dependencies is not supported");
    forbid(s.ref() != null, path, "$ref", "$ref is not supported");
    forbid(
        s.type().equals("null"),
        path,
        "type",
        "type cannot be set to null, use nullable as an alternative");
    forbid(
        s.items() != null && !s.items().jsonSchemas().isEmpty(),
        path,
        "items",
        "items must be a schema object and not an array");
    forbid(
        in.meta() && s.xKubernetesEmbeddedResource(),
        path,
        "x-kubernetes-embedded-resource",
        "must not be used inside of resource meta");
    forbid(
        s.uniqueItems(),
        path,
        "uniqueItems",
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    if (Boolean.FALSE.equals(s.xKubernetesPreserveUnknownFields())) {
      errors.add(
          FieldError.invalid(
              path.child("x-kubernetes-preserve-unknown-fields"),
              false,
              "must be true or undefined"));
    }
  }

  private void rules(JSONSchemaProps s, FieldPath path) {
    for (int i = 0; i < s.xKubernetesValidations().size(); i++) {
      var rule = s.xKubernetesValidations().get(i);
      FieldPath at = path.child("x-kubernetes-validations").index(i);
      String message = rule.message().strip();
      if (rule.rule().isBlank()) {
        errors.add(FieldError.required(at.child("rule"), "rule is not specified"));
      } else if (!rule.message().isEmpty() && message.isEmpty()) {
        errors.add(
            FieldError.invalid(
                at.child("message"), rule.message(), "must be non-empty if specified"));
      } else if (message.contains("\n") || message.contains("\r")) {
        errors.add(
            FieldError.invalid(
                at.child("message"), rule.message(), "must not contain line breaks"));
      } else if (rule.rule().strip().matches("(?s).*[\n\r].*") && message.isEmpty()) {
        errors.add(
            FieldError.required(
                at.child("message"), "message must be specified if rule contains line breaks"));
      }
      String reason = rule.reason();
      List<String> reasons =
          List.of(
              "FieldValueDuplicate",
              "FieldValueForbidden",
              "FieldValueInvalid",
              "FieldValueRequired");
      if (reason != null && !reasons.contains(reason)) {
        errors.add(FieldError.notSupported(at.child("reason"), reason, reasons));
      }
    }
  }
}
