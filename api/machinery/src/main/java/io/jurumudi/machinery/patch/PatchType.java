package io.jurumudi.machinery.patch;

import org.jspecify.annotations.Nullable;

/**
 * What strategic merge patch must know of a type: which fields it has, and how lists and objects in
 * them are merged.
 */
public interface PatchType {
  /** The type's name, for messages. */
  String name();

  /** The field of that JSON name; null when the type has none. */
  @Nullable PatchField field(String name);

  /**
   * One field.
   *
   * @param strategy "merge", "replace", "retainKeys", two of them joined by a comma, or the empty
   *     string
   * @param mergeKey the key by which a list's elements are matched, or the empty string
   * @param type the type of the field's value, or of its elements when it is a list; null for
   *     scalars
   */
  record PatchField(String strategy, String mergeKey, @Nullable PatchType type) {
    boolean merges() {
      return has("merge");
    }

    boolean replaces() {
      return has("replace");
    }

    private boolean has(String word) {
      for (String part : strategy.split(",", -1)) {
        if (part.equals(word)) {
          return true;
        }
      }
      return false;
    }
  }
}
