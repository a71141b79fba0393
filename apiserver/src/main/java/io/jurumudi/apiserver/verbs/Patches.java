package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.patch.JsonPatch;
import io.jurumudi.machinery.patch.MergePatch;
import io.jurumudi.machinery.patch.PatchException;
import io.jurumudi.machinery.patch.StrategicMergePatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Patch: an update whose new object is made from the present one. */
public final class Patches {
  private final Updates updates;
  private final Applies applies;

  Patches(Updates updates, Applies applies) {
    this.updates = updates;
    this.applies = applies;
  }

  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> patch(
      Target<V, T> target, PatchKind kind, byte[] patch, WriteOptions options, CallContext caller) {
    if (kind == PatchKind.APPLY) {
      return applies.apply(target, patch, options, caller);
    }
    if (options.forced()) {
      throw ApiException.invalid(
          "meta.k8s.io",
          "PatchOptions",
          "",
          List.of(
              FieldError.forbidden(
                  FieldPath.of("force"), "may not be specified for non-apply patch")));
    }
    Schema<V> schema = target.version().type().schema();
    if (kind == PatchKind.STRATEGIC && schema.open()) {
      throw ApiException.unsupportedMediaType(
          List.of(
              PatchKind.JSON.mediaType(),
              PatchKind.MERGE.mediaType(),
              PatchKind.APPLY.mediaType()));
    }
    return updates.modify(
        target,
        current -> {
          V before = target.version().fromStored().apply(current);
          Map<String, @Nullable Object> after =
              apply(schema, kind, Trees.fromMessage(before), patch);
          if (kind != PatchKind.STRATEGIC) {
            checkKind(target.version().type().groupVersionKind(), after);
          }
          V patched = object(target, after, options, caller);
          V complete = target.version().defaults().apply(patched);
          checkName(target, complete);
          return target.version().toStored().apply(complete);
        },
        options,
        caller,
        true);
  }

  /** A tree after a patch. */
  static Map<String, @Nullable Object> apply(
      Schema<?> schema, PatchKind kind, Map<String, @Nullable Object> tree, byte[] patch) {
    try {
      return switch (kind) {
        case JSON -> JsonPatch.apply(tree, patch);
        case MERGE -> MergePatch.apply(tree, patch);
        case STRATEGIC -> StrategicMergePatch.apply(tree, object(patch), schema);
        case APPLY ->
            throw ApiException.unsupportedMediaType(
                List.of(
                    PatchKind.JSON.mediaType(),
                    PatchKind.MERGE.mediaType(),
                    PatchKind.STRATEGIC.mediaType()));
      };
    } catch (PatchException e) {
      throw switch (e.reason()) {
        case BAD_PATCH -> ApiException.badRequest(String.valueOf(e.getMessage()));
        case DOES_NOT_APPLY -> ApiException.patchRejected();
        case TOO_LARGE -> ApiException.tooLarge(String.valueOf(e.getMessage()));
        case FAILS -> ApiException.unknown(String.valueOf(e.getMessage()));
      };
    }
  }

  private static Map<String, @Nullable Object> object(byte[] patch) {
    try {
      if (Trees.parseJson(patch) instanceof Map<?, ?> map) {
        return Trees.map(map);
      }
    } catch (DecodeException e) {
      throw ApiException.badRequest("error decoding patch: " + e.getMessage());
    }
    throw ApiException.badRequest("error decoding patch: it must be a JSON object");
  }

  /** A patched tree as an object of the target's version. */
  static <V extends KubernetesObject<V>> V object(
      Target<V, ?> target,
      Map<String, @Nullable Object> tree,
      WriteOptions options,
      CallContext caller) {
    List<String> unknown = new ArrayList<>();
    V object =
        target
            .version()
            .form()
            .received(
                message(target.version().type().schema(), tree, options, caller), unknown::add);
    unknown.sort(null);
    strict(
        unknown.stream().map(path -> "unknown field \"" + path + "\"").toList(),
        tree,
        options,
        caller);
    return object;
  }

  /** A patched tree as the object it must be. */
  static <M extends Message<M>> M message(
      Schema<M> schema,
      Map<String, @Nullable Object> tree,
      WriteOptions options,
      CallContext caller) {
    List<String> strict = new ArrayList<>();
    M message;
    try {
      message = Trees.toMessage(schema, tree, strict::add);
    } catch (DecodeException e) {
      throw unfit(tree, String.valueOf(e.getMessage()));
    }
    strict(strict, tree, options, caller);
    return message;
  }

  private static void strict(
      List<String> found,
      Map<String, @Nullable Object> tree,
      WriteOptions options,
      CallContext caller) {
    if (!found.isEmpty()) {
      if (options.fieldValidation() == Decoding.STRICT) {
        throw unfit(tree, "strict decoding error: " + String.join(", ", found));
      }
      if (options.fieldValidation() == Decoding.WARN) {
        caller.warn(found);
      }
    }
  }

  private static void checkKind(GroupVersionKind kind, Map<String, @Nullable Object> patched) {
    Object said = patched.getOrDefault("kind", kind.kind());
    Object version = patched.getOrDefault("apiVersion", kind.apiVersion());
    if (!kind.kind().equals(said) || !kind.apiVersion().equals(version)) {
      throw unfit(patched, "it would be a " + said + " of " + version);
    }
  }

  /** A patch after which the object is none of its kind: its cause's field is the patch. */
  private static ApiException unfit(Map<String, @Nullable Object> tree, String why) {
    return ApiException.invalid(
        "", "", "", List.of(FieldError.invalid(FieldPath.of("patch"), Trees.toJson(tree), why)));
  }

  static void checkName(Target<?, ?> target, KubernetesObject<?> object) {
    if (!object.metadata().name().equals(target.name())) {
      throw ApiException.badRequest(
          "the name of the object ("
              + object.metadata().name()
              + ") does not match the name on the URL ("
              + target.name()
              + ")");
    }
    if (!object.metadata().namespace().equals(target.namespace())
        && !object.metadata().namespace().isEmpty()) {
      throw ApiException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }
}
