package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.machinery.apply.ApplyConflictException;
import io.jurumudi.machinery.apply.FieldManager;
import io.jurumudi.machinery.apply.TypeMismatchException;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Server-side apply: creates what is not there, and otherwise merges by ownership of fields. */
public final class Applies {
  private final VerbContext is;
  private final Creates creates;
  private final Updates updates;

  Applies(VerbContext context, Creates creates, Updates updates) {
    this.is = context;
    this.creates = creates;
    this.updates = updates;
  }

  <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> apply(
      Target<V, T> target, byte[] yaml, WriteOptions options, CallContext caller) {
    if (options.fieldManager().isEmpty()) {
      throw ApiException.invalid(
          "meta.k8s.io",
          "PatchOptions",
          "",
          List.of(
              FieldError.required(FieldPath.of("fieldManager"), "is required for apply patch")));
    }
    Map<String, @Nullable Object> applied = configuration(target, yaml, options, caller);
    if (is.stores().objects(target.resource()).get(target.key()).isEmpty()) {
      if (!target.subresource().isEmpty()) {
        throw target.notFound();
      }
      V created = merged(target, new LinkedHashMap<>(), applied, options, caller);
      return creates.create(target, created, options.asApplied(), caller);
    }
    return updates.modify(
        target,
        current -> {
          V before = target.version().fromStored().apply(current);
          V after = merged(target, Trees.fromMessage(before), applied, options, caller);
          V complete = target.version().defaults().apply(after);
          Patches.checkName(target, complete);
          return target.version().toStored().apply(complete);
        },
        options.asApplied(),
        caller,
        true);
  }

  private static Map<String, @Nullable Object> configuration(
      Target<?, ?> target, byte[] yaml, WriteOptions options, CallContext caller) {
    Object parsed;
    List<String> duplicates = new ArrayList<>();
    try {
      parsed = Yaml.toTree(yaml, duplicates::add);
    } catch (DecodeException e) {
      throw ApiException.badRequest("error decoding YAML: " + e.getMessage());
    }
    if (!(parsed instanceof Map)) {
      throw ApiException.badRequest("an apply patch is an object in YAML or JSON");
    }
    if (!duplicates.isEmpty() && options.fieldValidation() == Decoding.STRICT) {
      throw ApiException.badRequest(
          "error decoding YAML: strict decoding error: " + String.join(", ", duplicates));
    }
    caller.warn(duplicates);
    Map<String, @Nullable Object> tree = Trees.map(parsed);
    String wanted = target.version().type().apiVersion();
    String said = Trees.string(tree, "apiVersion");
    if (!said.equals(wanted)) {
      throw ApiException.badRequest(
          "Incorrect version specified in apply patch. Specified patch version: "
              + said
              + ", expected: "
              + wanted);
    }
    if (Trees.at(tree, "metadata", "managedFields") instanceof List<?> list && !list.isEmpty()) {
      throw ApiException.badRequest("metadata.managedFields must be nil");
    }
    Schema<?> schema = target.version().type().schema();
    List<String> strict = new ArrayList<>();
    try {
      Trees.toMessage(schema, tree, strict::add);
    } catch (DecodeException e) {
      throw ApiException.badRequest("failed to create typed patch object: " + e.getMessage());
    }
    if (!strict.isEmpty()) {
      if (options.fieldValidation() == Decoding.STRICT) {
        throw ApiException.badRequest("strict decoding error: " + String.join(", ", strict));
      }
      if (options.fieldValidation() == Decoding.WARN) {
        caller.warn(strict);
      }
    }
    return tree;
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> V merged(
      Target<V, T> target,
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      WriteOptions options,
      CallContext caller) {
    FieldManager manager = is.ownership().manager(target.version(), target.subresource());
    Map<String, @Nullable Object> result;
    try {
      result = manager.apply(live, applied, options.fieldManager(), options.force());
    } catch (ApplyConflictException e) {
      List<StatusCause> causes = new ArrayList<>();
      for (ApplyConflictException.Conflict conflict : e.conflicts()) {
        causes.add(
            StatusCause.builder()
                .reason("FieldManagerConflict")
                .message("conflict with " + conflict.manager())
                .field(conflict.field())
                .build());
      }
      throw ApiException.applyConflict(String.valueOf(e.getMessage()), causes);
    } catch (TypeMismatchException e) {
      throw ApiException.badRequest("failed to create typed patch object: " + e.getMessage());
    }
    return Patches.object(target, result, options, caller);
  }
}
