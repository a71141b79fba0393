package io.jurumudi.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A compiled expression. Immutable, thread-safe. */
public final class Expression {
  private final String source;
  private final CelAbstractSyntaxTree ast;
  private final Map<String, ValueType> variables;
  private final CelRuntime.Program program;

  Expression(
      String source,
      CelAbstractSyntaxTree ast,
      Map<String, ValueType> variables,
      CelRuntime.Program program) {
    this.source = source;
    this.ast = ast;
    this.variables = variables;
    this.program = program;
  }

  public String source() {
    return source;
  }

  /** The name of the value's type: bool, string, list, dyn, or of an object type. */
  public String resultType() {
    return ast.getResultType().name();
  }

  /** For those who reckon what it may cost. */
  public CelAbstractSyntaxTree ast() {
    return ast;
  }

  /** Broken off: it costs too much. */
  private static final class TooExpensive extends RuntimeException {
    TooExpensive() {
      super("", null, false, false);
    }
  }

  /** Counts the nodes that are evaluated. */
  private static final class Meter {
    private final long limit;
    private long cost;

    Meter(long limit) {
      this.limit = limit;
    }

    void step() {
      if (++cost > limit) {
        throw new TooExpensive();
      }
    }
  }

  /**
   * The value, as a tree.
   *
   * @param values of the variables: trees, or what libraries take; one that is missing is an error
   *     where it is used
   * @param budget is charged, and breaks the evaluation off when it is spent
   */
  public @Nullable Object evaluate(Map<String, ? extends @Nullable Object> values, Budget budget)
      throws EvaluationException {
    Meter meter = new Meter(Math.min(Budget.PER_CALL, budget.left()));
    try {
      Object value =
          program.trace(
              (String name) ->
                  values.containsKey(name)
                      ? Optional.of(
                          Values.of(
                              values.get(name), variables.getOrDefault(name, ValueType.Scalar.DYN)))
                      : Optional.empty(),
              (expression, result) -> meter.step());
      return Values.toTree(value);
    } catch (CelEvaluationException e) {
      throw failure(e, meter);
    } catch (TooExpensive e) {
      throw tooExpensive();
    } finally {
      budget.spend(meter.cost);
    }
  }

  /**
   * The value of an expression that must be true or false.
   *
   * @throws EvaluationException also when it is neither
   */
  public boolean test(Map<String, ? extends @Nullable Object> values, Budget budget)
      throws EvaluationException {
    if (evaluate(values, budget) instanceof Boolean bool) {
      return bool;
    }
    throw new EvaluationException("cel expression evaluated to non-bool type", false);
  }

  private static EvaluationException tooExpensive() {
    return new EvaluationException("operation cancelled: actual cost limit exceeded", true);
  }

  private static EvaluationException failure(CelEvaluationException e, Meter meter) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof TooExpensive || meter.cost > meter.limit) {
        return tooExpensive();
      }
    }
    Throwable cause = e.getCause();
    String message = cause == null ? null : cause.getMessage();
    if (message == null) {
      message = String.valueOf(e.getMessage()).replaceFirst("^evaluation error at [^ ]*: ", "");
    }
    if (e.getErrorCode() == CelErrorCode.ATTRIBUTE_NOT_FOUND) {
      message = message.replaceFirst("^key '(.*)' is not present in map\\.$", "no such key: $1");
    } else if (message.startsWith("No matching overload")) {
      message = "no such overload";
    } else if (e.getErrorCode() == CelErrorCode.DIVIDE_BY_ZERO) {
      message = "division by zero";
    }
    return new EvaluationException(message, false);
  }
}
