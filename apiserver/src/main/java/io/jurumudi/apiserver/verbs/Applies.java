package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
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
      String uid = Trees.string(applied, "metadata", "uid");
      if (!uid.isEmpty()) {
        throw target.conflict(
            "uid mismatch: the provided object specified uid "
                + uid
                + ", and no existing object was found");
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
      throw ApiException.badRequest(
          "error decoding YAML: error converting YAML to JSON: " + e.getMessage());
    }
    if (parsed != null && !(parsed instanceof Map)) {
      throw ApiException.badRequest(
          "error decoding YAML: error unmarshaling JSON: an apply patch is an object");
    }
    if (!duplicates.isEmpty() && options.fieldValidation() == Decoding.STRICT) {
      throw ApiException.badRequest(
          "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  "
              + String.join("\n  ", duplicates));
    }
    Map<String, @Nullable Object> tree = parsed == null ? new LinkedHashMap<>() : Trees.map(parsed);
    checkKind(target, Trees.string(tree, "apiVersion"), Trees.string(tree, "kind"));
    if (Trees.at(tree, "metadata", "managedFields") != null) {
      throw ApiException.badRequest("metadata.managedFields must be nil");
    }
    if (options.fieldValidation() == Decoding.WARN) {
      caller.warn(duplicates);
    }
    return tree;
  }

  private static void checkKind(Target<?, ?> target, String apiVersion, String kind) {
    ResourceType<?> type = target.version().type();
    if (apiVersion.equals(type.apiVersion()) && kind.equals(type.kind())) {
      return;
    }
    String version = apiVersion.indexOf('/') < 0 ? "/" + apiVersion : apiVersion;
    throw ApiException.badRequest("invalid object type: " + version + ", Kind=" + kind);
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> V merged(
      Target<V, T> target,
      Map<String, @Nullable Object> live,
      Map<String, @Nullable Object> applied,
      WriteOptions options,
      CallContext caller) {
    FieldManager manager = is.ownership().manager(target);
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
      throw ApiException.unknown(String.valueOf(e.getMessage()));
    }
    return Patches.object(target, result, options, caller);
  }
}
