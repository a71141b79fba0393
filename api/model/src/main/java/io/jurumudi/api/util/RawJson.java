package io.jurumudi.api.util;

import io.jurumudi.api.schema.JsonTree;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** JSON kept as it was sent: an embedded object, a managed field set, an extension. Immutable. */
public final class RawJson {
  private final byte[] json;

  private RawJson(byte[] json) {
    this.json = json;
  }

  /** The caller vouches that these bytes are one JSON value. They are copied. */
  public static RawJson of(byte[] json) {
    return new RawJson(json.clone());
  }

  /** The caller vouches that this part of the bytes is one JSON value. It is copied. */
  public static RawJson of(byte[] json, int from, int to) {
    return new RawJson(Arrays.copyOfRange(json, from, to));
  }

  public static RawJson of(String json) {
    return new RawJson(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The JSON of a tree: maps, lists, strings, longs, doubles, booleans, null. */
  public static RawJson ofTree(@Nullable Object tree) {
    return new RawJson(JsonTree.write(tree));
  }

  /**
   * The value as a tree.
   *
   * @throws io.jurumudi.api.schema.DecodeException when the bytes are not JSON
   */
  public @Nullable Object toTree() {
    return JsonTree.parse(json);
  }

  public byte[] toArray() {
    return json.clone();
  }

  public int size() {
    return json.length;
  }

  public byte at(int index) {
    return json[index];
  }

  public void copyTo(byte[] target, int offset) {
    System.arraycopy(json, 0, target, offset, json.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RawJson that && Arrays.equals(json, that.json);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(json);
  }

  @Override
  public String toString() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
