package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.machinery.codec.Decoded;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.patch.JsonPatch;
import io.jurumudi.machinery.patch.MergePatch;
import io.jurumudi.machinery.patch.PatchException;
import io.jurumudi.machinery.patch.StrategicMergePatch;
import io.jurumudi.machinery.codec.SyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Patch: an update whose new object is made from the present one. */
public final class Patches {
  private final Updates updates;

  Patches(Updates updates) {
    this.updates = updates;
  }

  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> patch(
      Target<V, T> target, PatchKind kind, byte[] patch, WriteOptions options, CallContext caller) {
    Object parsed = kind == PatchKind.JSON ? null : parse(patch);
    return updates.modify(
        target,
        current -> {
          V before = target.version().fromStored().apply(current);
          Map<String, @Nullable Object> tree = Trees.fromMessage(before);
          Map<String, @Nullable Object> after = apply(target, kind, tree, patch, parsed);
          Decoded<V> decoded =
              Trees.toMessage(target.version().type().schema(), after, options.fieldValidation());
          caller.warn(decoded.warnings());
          V complete = target.version().defaults().apply(decoded.object());
          checkName(target, complete);
          return target.version().toStored().apply(complete);
        },
        options,
        caller,
        true);
  }

  private static @Nullable Object parse(byte[] patch) {
    try {
      return Trees.parseJson(patch);
    } catch (SyntaxException e) {
      throw ApiException.badRequest("error decoding patch: " + e.getMessage());
    }
  }

  private static Map<String, @Nullable Object> apply(
      Target<?, ?> target,
      PatchKind kind,
      Map<String, @Nullable Object> tree,
      byte[] bytes,
      @Nullable Object patch) {
    try {
      return switch (kind) {
        case JSON -> JsonPatch.apply(tree, bytes);
        case MERGE -> MergePatch.apply(tree, object(patch, bytes));
        case STRATEGIC ->
            StrategicMergePatch.apply(
                tree, object(patch, bytes), target.version().type().schema());
        case APPLY -> throw new IllegalStateException("an apply patch is no change of a tree");
      };
    } catch (PatchException e) {
      throw switch (e.reason()) {
        case BAD_PATCH -> ApiException.badRequest(e.getMessage());
        case DOES_NOT_APPLY -> ApiException.unprocessable(e.getMessage());
        case TOO_LARGE -> ApiException.tooLarge(e.getMessage());
        case FAILS -> ApiException.internalError(e.getMessage());
      };
    }
  }

  private static Map<String, @Nullable Object> object(@Nullable Object patch, byte[] bytes) {
    if (patch instanceof Map) {
      return Trees.map(patch);
    }
    throw ApiException.badRequest(
        "a patch of this kind is a JSON object, this is: "
            + new String(bytes, 0, Math.min(bytes.length, 100), StandardCharsets.UTF_8));
  }

  private static void checkName(Target<?, ?> target, KubernetesObject<?> object) {
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
