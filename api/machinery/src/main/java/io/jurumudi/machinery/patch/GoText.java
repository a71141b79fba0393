package io.jurumudi.machinery.patch;

import io.jurumudi.machinery.codec.Trees;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Trees as Go's {@code %v} prints them: some of upstream's messages hold such text. */
public final class GoText {
  private GoText() {}

  /** The tree's text, as in {@code map[a:1 b:[x y]]}. */
  public static String of(@Nullable Object tree) {
    return switch (tree) {
      case null -> "<nil>";
      case Map<?, ?> map ->
          new TreeMap<>(map)
              .entrySet().stream()
                  .map(e -> e.getKey() + ":" + of(e.getValue()))
                  .collect(Collectors.joining(" ", "map[", "]"));
      case List<?> list -> list.stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
      case String s -> s;
      default -> Trees.toJson(tree);
    };
  }
}
