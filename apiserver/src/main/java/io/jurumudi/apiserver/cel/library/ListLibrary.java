package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.member;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions on lists: isSorted, sum, min, max, indexOf, lastIndexOf. */
final class ListLibrary {
  private static final TypeParamType ELEMENT = TypeParamType.create("A");
  private static final Function.Argument LIST = arg(ListType.create(ELEMENT), List.class);

  private ListLibrary() {}

  static List<Function> functions() {
    return List.of(
        member("isSorted", "list_a_is_sorted_bool", SimpleType.BOOL, a -> isSorted(list(a)), LIST),
        member("sum", "list_a_sum_a", ELEMENT, a -> sum(list(a)), LIST),
        member("min", "list_a_min_a", ELEMENT, a -> extreme(list(a), "min", 1), LIST),
        member("max", "list_a_max_a", ELEMENT, a -> extreme(list(a), "max", -1), LIST),
        member(
            "indexOf",
            "list_a_index_of_int",
            SimpleType.INT,
            a -> (long) list(a).indexOf(a[1]),
            LIST,
            arg(ELEMENT, Object.class)),
        member(
            "lastIndexOf",
            "list_a_last_index_of_int",
            SimpleType.INT,
            a -> (long) list(a).lastIndexOf(a[1]),
            LIST,
            arg(ELEMENT, Object.class)));
  }

  private static List<?> list(Object[] arguments) {
    return (List<?>) arguments[0];
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // What cannot be compared is the expression's error.
  private static int compare(Object a, Object b) {
    if (a instanceof Comparable one) {
      return one.compareTo(b);
    }
    throw new IllegalArgumentException("no such overload");
  }

  private static boolean isSorted(List<?> list) {
    for (int i = 1; i < list.size(); i++) {
      if (compare(list.get(i - 1), list.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private static Object extreme(List<?> list, String what, int sign) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException(what + " called on empty list");
    }
    Comparator<Object> order = (a, b) -> sign * compare(a, b);
    return Collections.min(list, order);
  }

  private static Object sum(List<?> list) {
    Object sum = null;
    for (Object element : list) {
      sum = add(sum, element);
    }
    return sum == null ? 0L : sum;
  }

  private static Object add(@Nullable Object sum, Object element) {
    return switch (element) {
      case Long number -> Math.addExact(sum == null ? 0L : (Long) sum, number);
      case Double number -> (sum == null ? 0.0 : (Double) sum) + number;
      case UnsignedLong number -> sum == null ? number : ((UnsignedLong) sum).plus(number);
      case Duration duration -> sum == null ? duration : ((Duration) sum).plus(duration);
      default -> throw new IllegalArgumentException("no such overload");
    };
  }
}
