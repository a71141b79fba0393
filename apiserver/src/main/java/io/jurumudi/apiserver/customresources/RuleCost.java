package io.jurumudi.apiserver.customresources;

import dev.cel.common.ast.CelExpr;
import io.jurumudi.apiserver.cel.Expression;
import io.jurumudi.apiserver.cel.ValueType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rule may cost at most, in evaluated nodes: each loop goes over as much as a request can
 * hold. What a function costs beyond its call is not counted, and a list that a function makes is
 * taken for a short one.
 */
final class RuleCost {
  /** Of one rule for all values that there can be of its schema. */
  static final long LIMIT = 10_000_000;

  /** Of all rules of a schema. */
  static final long TOTAL_LIMIT = 100_000_000;

  private static final long UNKNOWN = 1;
  private static final double MUCH = 100;

  private record Cost(long cost, ValueType type) {}

  private RuleCost() {}

  static long of(Expression rule, Map<String, ValueType> variables) {
    return cost(rule.ast().getExpr(), variables).cost();
  }

  static long times(long a, long b) {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  static long plus(long a, long b) {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Upstream's words for a cost beyond a limit. */
  static String message(String what, long cost, long limit) {
    double factor = (double) cost / limit;
    String times =
        factor > MUCH
            ? "more than 100x"
            : factor < 1.5
                ? String.format(Locale.ROOT, "%fx", factor)
                : String.format(Locale.ROOT, "%.1fx", factor);
    return what
        + " exceeds budget by factor of "
        + times
        + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where"
        + " arrays, maps, and strings are declared)";
  }

  private static Cost cost(CelExpr e, Map<String, ValueType> scope) {
    return switch (e.exprKind().getKind()) {
      case IDENT -> new Cost(1, scope.getOrDefault(e.ident().name(), ValueType.Scalar.DYN));
      case SELECT -> {
        Cost operand = cost(e.select().operand(), scope);
        yield new Cost(plus(1, operand.cost()), field(operand.type(), e.select().field()));
      }
      case CALL -> call(e.call(), scope);
      case LIST -> {
        long sum = 1;
        ValueType element = ValueType.Scalar.DYN;
        for (CelExpr one : e.list().elements()) {
          Cost cost = cost(one, scope);
          sum = plus(sum, cost.cost());
          element = cost.type();
        }
        yield new Cost(sum, new ValueType.ListOf(element, e.list().elements().size()));
      }
      case MAP -> {
        long sum = 1;
        for (CelExpr.CelMap.Entry entry : e.map().entries()) {
          sum = plus(sum, plus(cost(entry.key(), scope).cost(), cost(entry.value(), scope).cost()));
        }
        yield new Cost(
            sum, new ValueType.MapOf(ValueType.Scalar.DYN, e.map().entries().size()));
      }
      case COMPREHENSION -> loop(e.comprehension(), scope);
      default -> new Cost(0, ValueType.Scalar.DYN);
    };
  }

  private static ValueType field(ValueType type, String name) {
    return switch (type) {
      case ValueType.Struct struct -> struct.fields().getOrDefault(name, ValueType.Scalar.DYN);
      case ValueType.MapOf(ValueType value, long max) -> value;
      default -> ValueType.Scalar.DYN;
    };
  }

  private static Cost call(CelExpr.CelCall call, Map<String, ValueType> scope) {
    long sum = 1;
    Cost first = null;
    if (call.target().isPresent()) {
      first = cost(call.target().get(), scope);
      sum = plus(sum, first.cost());
    }
    for (CelExpr argument : call.args()) {
      Cost cost = cost(argument, scope);
      sum = plus(sum, cost.cost());
      first = first == null ? cost : first;
    }
    ValueType type = ValueType.Scalar.DYN;
    if (call.function().equals("_[_]") && first != null) {
      type = element(first.type());
    }
    return new Cost(sum, type);
  }

  private static ValueType element(ValueType type) {
    return switch (type) {
      case ValueType.ListOf(ValueType element, long max) -> element;
      case ValueType.MapOf(ValueType value, long max) -> value;
      default -> ValueType.Scalar.DYN;
    };
  }

  private static long size(ValueType type) {
    long size =
        switch (type) {
          case ValueType.ListOf(ValueType element, long max) -> max;
          case ValueType.MapOf(ValueType value, long max) -> max;
          default -> UNKNOWN;
        };
    return size == ValueType.UNBOUNDED ? UNKNOWN : size;
  }

  private static Cost loop(CelExpr.CelComprehension loop, Map<String, ValueType> scope) {
    Cost range = cost(loop.iterRange(), scope);
    Map<String, ValueType> inside = new HashMap<>(scope);
    boolean map = range.type() instanceof ValueType.MapOf;
    inside.put(loop.iterVar(), map ? ValueType.Scalar.STRING : element(range.type()));
    @Nullable String second = loop.iterVar2();
    if (second != null && !second.isEmpty()) {
      inside.put(second, element(range.type()));
    }
    inside.put(loop.accuVar(), ValueType.Scalar.DYN);
    long once =
        plus(cost(loop.loopCondition(), inside).cost(), cost(loop.loopStep(), inside).cost());
    long sum = plus(range.cost(), times(size(range.type()), once));
    sum = plus(sum, cost(loop.accuInit(), scope).cost());
    Cost result = cost(loop.result(), inside);
    // A list that a loop makes is no longer than what it goes over.
    ValueType made = new ValueType.ListOf(ValueType.Scalar.DYN, size(range.type()));
    return new Cost(plus(sum, result.cost()), made);
  }
}
