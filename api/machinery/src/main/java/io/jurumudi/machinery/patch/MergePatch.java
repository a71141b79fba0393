package io.jurumudi.machinery.patch;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.machinery.codec.Trees;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON merge patch, RFC 7386: null removes, objects merge, all else replaces. */
public final class MergePatch {
  private MergePatch() {}

  /**
   * The tree with the patch applied; the tree itself stays as it is.
   *
   * @throws PatchException when the patch is no JSON object
   */
  public static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> tree, byte[] patch) {
    Object parsed;
    try {
      parsed = Trees.parseJson(patch);
    } catch (DecodeException e) {
      throw PatchException.bad("error decoding patch: " + e.getMessage());
    }
    if (!(parsed instanceof Map)) {
      throw PatchException.bad(
          "error decoding patch: a merge patch is a JSON object, this is " + Trees.kind(parsed));
    }
    return Trees.map(merge(tree, parsed));
  }

  /** RFC 7386 section 2: what a value becomes under a patch. */
  public static @Nullable Object merge(@Nullable Object target, @Nullable Object patch) {
    if (!(patch instanceof Map<?, ?> changes)) {
      return Trees.copy(patch);
    }
    Map<String, @Nullable Object> result =
        target instanceof Map ? new LinkedHashMap<>(Trees.map(target)) : new LinkedHashMap<>();
    changes.forEach(
        (key, change) -> {
          if (change == null) {
            result.remove((String) key);
          } else {
            result.put((String) key, merge(result.get(key), change));
          }
        });
    return result;
  }
}
