package io.jurumudi.apiserver.defaults;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Small helpers over immutable lists. */
public final class Lists {
  private Lists() {}

  /** The list with each element changed; the same list where no element changed. */
  public static <E> List<E> map(List<E> list, UnaryOperator<E> change) {
    List<E> changed = null;
    for (int i = 0; i < list.size(); i++) {
      E before = list.get(i);
      E after = change.apply(before);
      if (changed == null && after != before) {
        changed = new ArrayList<>(list.subList(0, i));
      }
      if (changed != null) {
        changed.add(after);
      }
    }
    return changed == null ? list : List.copyOf(changed);
  }
}
