package io.jurumudi.api.schema;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader of named fields is, for its errors, and what it found that a strict server
 * refuses. Owned by one reader.
 */
final class Trail {
  /** Messages and raw JSON may nest this deep. */
  static final int MAX_DEPTH = 512;

  private static final int MAX_STRICT_ERRORS = 100;

  private static final class Frame {
    @Nullable Schema<?> schema;
    @Nullable Field field;
    @Nullable String name;
    int index = -1;
    @Nullable String key;
    private @Nullable BitSet seen;
    @Nullable Set<String> names;

    /** Whether a field that the schema does not declare comes for the first time. */
    boolean first(String name) {
      Set<String> known = names == null ? new HashSet<>() : names;
      names = known;
      return known.add(name);
    }

    /** Whether the field comes for the first time in this message. */
    boolean first(int index) {
      BitSet known = seen == null ? new BitSet() : seen;
      seen = known;
      boolean first = !known.get(index);
      known.set(index);
      return first;
    }
  }

  private final List<Frame> frames = new ArrayList<>();
  private final List<String> strictErrors = new ArrayList<>();
  private final boolean strict;
  private int depth;

  /**
   * @param strict whether unknown and duplicate fields are to be noted
   */
  Trail(boolean strict) {
    this.strict = strict;
  }

  List<String> strictErrors() {
    return strictErrors;
  }

  int depth() {
    return depth;
  }

  void enter() {
    if (depth == MAX_DEPTH) {
      throw new DecodeException("exceeded max depth of " + MAX_DEPTH);
    }
    if (depth == frames.size()) {
      frames.add(new Frame());
    }
    Frame frame = frames.get(depth++);
    frame.schema = null;
    frame.field = null;
    frame.name = null;
    frame.index = -1;
    frame.key = null;
    frame.seen = null;
    frame.names = null;
  }

  void leave() {
    depth--;
  }

  private Frame top() {
    return frames.get(depth - 1);
  }

  /** At a field; {@code field} is null for one that the schema lacks. */
  void at(Schema<?> schema, @Nullable Field field, String name) {
    Frame frame = top();
    frame.schema = schema;
    frame.field = field;
    frame.name = name;
    frame.index = -1;
    frame.key = null;
    if (!strict) {
      return;
    }
    if (field == null) {
      note("unknown field \"" + path() + "\"");
    } else if (schema.isRest(field) ? !frame.first(name) : !frame.first(field.index())) {
      note("duplicate field \"" + path() + "\"");
    }
  }

  /** At a message's kind or apiVersion, which are no fields of its schema. */
  void atTypeMeta(String name) {
    Frame frame = top();
    frame.field = null;
    frame.name = name;
    frame.index = -1;
    frame.key = null;
    if (strict && !frame.first(name)) {
      note("duplicate field \"" + path() + "\"");
    }
  }

  /** The name of the field here. */
  String name() {
    String name = top().name;
    return name == null ? "" : name;
  }

  boolean strict() {
    return strict;
  }

  /** A key that comes twice in a tree, the field here. */
  void duplicateInTree(String below) {
    note("duplicate field \"" + path() + below + "\"");
  }

  void atIndex(int index) {
    top().index = index;
  }

  void atKey(String key) {
    top().key = key;
  }

  void duplicateKey() {
    if (strict) {
      note("duplicate field \"" + path() + "\"");
    }
  }

  private void note(String error) {
    if (strictErrors.size() < MAX_STRICT_ERRORS && !strictErrors.contains(error)) {
      strictErrors.add(error);
    }
  }

  private String path() {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      Frame frame = frames.get(i);
      if (frame.name != null) {
        path.append(path.isEmpty() ? "" : ".").append(frame.name);
      }
      if (frame.key != null) {
        path.append('.').append(frame.key);
      }
      if (frame.index >= 0) {
        path.append('[').append(frame.index).append(']');
      }
    }
    return path.toString();
  }

  /** The error of Go's encoding/json: struct of the field, names from the root, wanted type. */
  DecodeException wrongType(String found, String wanted) {
    StringBuilder names = new StringBuilder();
    String struct = "";
    for (int i = 0; i < depth; i++) {
      Frame frame = frames.get(i);
      if (frame.name != null && frame.schema != null) {
        struct = frame.schema.simpleName();
        names.append('.').append(frame.name);
      }
    }
    String where = struct.isEmpty() ? "Go value" : "Go struct field " + struct + names;
    return new DecodeException(
        "json: cannot unmarshal " + found + " into " + where + " of type " + wanted);
  }

  /** The type the field here wants, in Go's words. */
  String wanted() {
    Field field = depth == 0 ? null : top().field;
    return field == null ? "" : field.type().goName();
  }
}
