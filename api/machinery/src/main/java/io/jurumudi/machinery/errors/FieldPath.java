package io.jurumudi.machinery.errors;

import org.jspecify.annotations.Nullable;

/**
 * The path from an object's root to a field, as errors name it: {@code spec.containers[0].image},
 * {@code metadata.labels[app]}.
 */
public final class FieldPath {
  private final @Nullable FieldPath parent;
  private final String name;
  private final boolean subscript;

  private FieldPath(@Nullable FieldPath parent, String name, boolean subscript) {
    this.parent = parent;
    this.name = name;
    this.subscript = subscript;
  }

  /** A path of the given names from the root. */
  public static FieldPath of(String name, String... more) {
    return append(new FieldPath(null, name, false), more);
  }

  /** The field of that name in the object here, and so on for more names. */
  public FieldPath child(String name, String... more) {
    return append(new FieldPath(this, name, false), more);
  }

  /** The list's element at that place. */
  public FieldPath index(int index) {
    return new FieldPath(this, Integer.toString(index), true);
  }

  /** The map's entry of that key. */
  public FieldPath key(String key) {
    return new FieldPath(this, key, true);
  }

  private static FieldPath append(FieldPath path, String... more) {
    FieldPath result = path;
    for (String name : more) {
      result = new FieldPath(result, name, false);
    }
    return result;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    write(out);
    return out.toString();
  }

  private void write(StringBuilder out) {
    if (parent != null) {
      parent.write(out);
    }
    if (subscript) {
      out.append('[').append(name).append(']');
    } else {
      if (parent != null && !name.isEmpty()) {
        out.append('.');
      }
      out.append(name);
    }
  }
}
