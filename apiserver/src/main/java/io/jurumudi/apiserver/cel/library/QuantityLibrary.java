package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import io.jurumudi.api.resource.Quantity;
import java.math.BigDecimal;
import java.util.List;

/** Amounts of resources, such as "1500m" and "2Gi". */
final class QuantityLibrary {
  private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);
  private static final Function.Argument SELF = arg(QUANTITY, Quantity.class);
  private static final Function.Argument NUMBER = arg(SimpleType.INT, Long.class);

  private QuantityLibrary() {}

  static List<Function> functions() {
    return List.of(
        global("quantity", "string_to_quantity", QUANTITY, a -> parse((String) a[0]), TEXT),
        global("isQuantity", "is_quantity_string", SimpleType.BOOL, a -> is((String) a[0]), TEXT),
        member("sign", "quantity_sign", SimpleType.INT, a -> (long) at(a, 0).signum(), SELF),
        member(
            "isGreaterThan",
            "quantity_is_greater_than",
            SimpleType.BOOL,
            a -> at(a, 0).compareTo(at(a, 1)) > 0,
            SELF,
            SELF),
        member(
            "isLessThan",
            "quantity_is_less_than",
            SimpleType.BOOL,
            a -> at(a, 0).compareTo(at(a, 1)) < 0,
            SELF,
            SELF),
        member(
            "compareTo",
            "quantity_compare_to",
            SimpleType.INT,
            a -> (long) at(a, 0).compareTo(at(a, 1)),
            SELF,
            SELF),
        member(
            "asApproximateFloat",
            "quantity_get_float",
            SimpleType.DOUBLE,
            a -> at(a, 0).amount().doubleValue(),
            SELF),
        member("asInteger", "quantity_get_int", SimpleType.INT, a -> integer(at(a, 0)), SELF),
        member("isInteger", "quantity_is_integer", SimpleType.BOOL, a -> isInteger(at(a, 0)), SELF),
        member("add", "quantity_add", QUANTITY, a -> at(a, 0).add(at(a, 1)), SELF, SELF),
        member(
            "add",
            "quantity_add_int",
            QUANTITY,
            a -> at(a, 0).add(Quantity.of((Long) a[1])),
            SELF,
            NUMBER),
        member("sub", "quantity_sub", QUANTITY, a -> at(a, 0).subtract(at(a, 1)), SELF, SELF),
        member(
            "sub",
            "quantity_sub_int",
            QUANTITY,
            a -> at(a, 0).subtract(Quantity.of((Long) a[1])),
            SELF,
            NUMBER));
  }

  private static Quantity at(Object[] arguments, int index) {
    return (Quantity) arguments[index];
  }

  private static Quantity parse(String text) {
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "quantities must match the regular expression"
              + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
          e);
    }
  }

  private static boolean is(String text) {
    try {
      Quantity.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isInteger(Quantity quantity) {
    BigDecimal amount = quantity.amount();
    try {
      amount.longValueExact();
      return true;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  private static long integer(Quantity quantity) {
    if (!isInteger(quantity)) {
      throw new IllegalArgumentException("cannot convert value to integer");
    }
    return quantity.value();
  }
}
