package io.jurumudi.machinery.patch;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.machinery.codec.Trees;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON patch, RFC 6902, as Kubernetes has it: {@code -1} is a list's last element, a removed or
 * replaced place must be there, and a patch has at most {@link #MAX_OPERATIONS} operations.
 *
 * <p>One thing is as upstream has it and not as the RFC says: "replace" sets a key that an object
 * does not have.
 */
public final class JsonPatch {
  /** Most operations in a patch. */
  public static final int MAX_OPERATIONS = 10_000;

  private @Nullable Object document;

  private JsonPatch(@Nullable Object document) {
    this.document = document;
  }

  /**
   * The tree with the patch applied; the tree itself stays as it is.
   *
   * @throws PatchException when the patch is malformed, does not apply or is too long
   */
  public static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> tree, byte[] patch) {
    Object parsed;
    try {
      parsed = Trees.parseJson(patch);
    } catch (DecodeException e) {
      throw PatchException.bad("error decoding patch: " + e.getMessage());
    }
    if (!(parsed instanceof List<?> operations)) {
      throw PatchException.bad(
          "error decoding patch: a JSON patch is a list of operations, this is "
              + Trees.kind(parsed));
    }
    if (operations.size() > MAX_OPERATIONS) {
      throw new PatchException(
          PatchException.Reason.TOO_LARGE,
          "The allowed maximum operations in a JSON patch is "
              + MAX_OPERATIONS
              + ", got "
              + operations.size());
    }
    JsonPatch run = new JsonPatch(Trees.copy(tree));
    for (Object operation : operations) {
      if (!(operation instanceof Map)) {
        throw PatchException.bad(
            "error decoding patch: an operation is an object, this is " + Trees.kind(operation));
      }
      run.operation(Trees.map(operation));
    }
    if (!(run.document instanceof Map)) {
      throw PatchException.doesNotApply("the patch leaves no object");
    }
    return Trees.map(run.document);
  }

  private void operation(Map<String, @Nullable Object> operation) {
    String op = operation.get("op") instanceof String s ? s : "unknown";
    switch (op) {
      case "add" -> add(path(op, operation, "path"), Trees.copy(operation.get("value")), op);
      case "remove" -> remove(path(op, operation, "path"), op);
      case "replace" ->
          replace(path(op, operation, "path"), Trees.copy(operation.get("value")), op);
      case "move" -> {
        String from = path(op, operation, "from");
        String path = path(op, operation, "path");
        Object value = get(from, op);
        remove(from, op);
        add(path, value, op);
      }
      case "copy" -> {
        Object value = Trees.copy(get(path(op, operation, "from"), op));
        add(path(op, operation, "path"), value, op);
      }
      case "test" -> {
        String path = path(op, operation, "path");
        Object found = path.isEmpty() ? document : get(path, op);
        if (!Objects.equals(found, operation.get("value"))) {
          throw PatchException.doesNotApply("testing value " + path + " failed");
        }
      }
      default -> throw PatchException.doesNotApply("unexpected kind of operation: " + op);
    }
  }

  private static String path(String op, Map<String, @Nullable Object> operation, String field) {
    if (operation.get(field) instanceof String s) {
      return s;
    }
    throw PatchException.doesNotApply(op + " operation needs a string in its field " + field);
  }

  /** The object or list that a path's last step is taken in. */
  private Object container(String path, String op) {
    String[] steps = path.split("/", -1);
    if (steps.length < 2) {
      throw missing(op, path);
    }
    Object here = document;
    for (int i = 1; i < steps.length - 1; i++) {
      String step = decode(steps[i]);
      here =
          switch (here) {
            case Map<?, ?> map -> map.get(step);
            case List<?> list -> list.get(index(step, list.size(), op, path));
            case null, default -> throw missing(op, path);
          };
    }
    if (here instanceof Map || here instanceof List) {
      return here;
    }
    throw missing(op, path);
  }

  private static String key(String path) {
    return decode(path.substring(path.lastIndexOf('/') + 1));
  }

  private @Nullable Object get(String path, String op) {
    Object container = container(path, op);
    String key = key(path);
    if (container instanceof List<?> list) {
      return list.get(index(key, list.size(), op, path));
    }
    Map<String, @Nullable Object> map = Trees.map(container);
    if (!map.containsKey(key) && !op.equals("test")) {
      throw missing(op, path);
    }
    return map.get(key);
  }

  private void add(String path, @Nullable Object value, String op) {
    Object container = container(path, op);
    String key = key(path);
    if (container instanceof List) {
      List<@Nullable Object> list = Trees.list(container);
      list.add(key.equals("-") ? list.size() : index(key, list.size() + 1, op, path), value);
    } else {
      Trees.map(container).put(key, value);
    }
  }

  private void remove(String path, String op) {
    Object container = container(path, op);
    String key = key(path);
    if (container instanceof List<?> list) {
      list.remove(index(key, list.size(), op, path));
    } else {
      Map<String, @Nullable Object> map = Trees.map(container);
      if (!map.containsKey(key)) {
        throw PatchException.doesNotApply(
            op + " operation does not apply: there is no " + path + " to remove");
      }
      map.remove(key);
    }
  }

  private void replace(String path, @Nullable Object value, String op) {
    if (path.isEmpty()) {
      document = value;
      return;
    }
    Object container = container(path, op);
    String key = key(path);
    if (container instanceof List) {
      List<@Nullable Object> list = Trees.list(container);
      list.set(index(key, list.size(), op, path), value);
    } else {
      Trees.map(container).put(key, value);
    }
  }

  private static int index(String text, int size, String op, String path) {
    int index;
    try {
      index = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw PatchException.doesNotApply(
          op + " operation does not apply: " + text + " is no list index, in path " + path);
    }
    int place = index < 0 ? index + size : index;
    if (place < 0 || place >= size) {
      throw PatchException.doesNotApply(
          op + " operation does not apply: there is no index " + index + ", in path " + path);
    }
    return place;
  }

  private static String decode(String step) {
    return step.replace("~1", "/").replace("~0", "~");
  }

  private static PatchException missing(String op, String path) {
    return PatchException.doesNotApply(
        op + " operation does not apply: doc is missing path: " + path);
  }
}
