package io.jurumudi.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.jurumudi.apiserver.cel.library.Function;
import io.jurumudi.apiserver.cel.library.Libraries;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Compiles expressions over declared variables. Made once for each set of variables: that costs
 * milliseconds. Immutable, thread-safe.
 */
public final class Environment {
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .enableOptionalSyntax(true)
          .enableRegexPartialMatch(true)
          .enableReservedIds(true)
          .maxExpressionCodePointSize(1 << 20)
          .build();
  private static final List<Function> FUNCTIONS = Libraries.all();

  /** The overloads that might have been meant: a page of them, which upstream does not tell. */
  private static final Pattern CANDIDATES =
      Pattern.compile(" \\(candidates: .*\\)$", Pattern.MULTILINE);

  /** What stands before each error. */
  private static final Pattern PLACE =
      Pattern.compile("^ERROR: <input>:[0-9]+:[0-9]+: ", Pattern.MULTILINE);

  /** Evaluates whatever any environment compiled: it knows the functions, and no variables. */
  private static final class Evaluation {
    static final CelRuntime INSTANCE =
        CelRuntimeFactory.legacyCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(
                CelExtensions.optional(),
                CelExtensions.strings(),
                CelExtensions.sets(OPTIONS),
                CelExtensions.comprehensions(),
                CelExtensions.lists())
            .addFunctionBindings(FUNCTIONS.stream().map(Function::binding).toList())
            .build();
  }

  private final Map<String, ValueType> variables;
  private final Map<String, CelType> types;
  private final boolean dynamicObjects;
  private final CelCompiler compiler;

  private Environment(
      Map<String, ValueType> variables, Map<String, CelType> types, boolean dynamicObjects) {
    this.variables = Map.copyOf(variables);
    this.types = Map.copyOf(types);
    this.dynamicObjects = dynamicObjects;
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setTypeProvider(new Types(ImmutableMap.copyOf(types)))
            .addLibraries(
                CelExtensions.optional(),
                CelExtensions.strings(),
                CelExtensions.sets(OPTIONS),
                CelExtensions.comprehensions(),
                CelExtensions.lists())
            .addFunctionDeclarations(Function.declarations(FUNCTIONS));
    variables.forEach((name, type) -> builder.addVar(name, type.type()));
    this.compiler = builder.build();
  }

  /** Finds the object types that expressions speak of. */
  private record Types(ImmutableMap<String, CelType> byName) implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
      return ImmutableList.copyOf(byName.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(byName.get(name));
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Puts an environment together. */
  public static final class Builder {
    private final Map<String, ValueType> variables = new LinkedHashMap<>();
    private final Map<String, CelType> types = new LinkedHashMap<>();

    private boolean dynamicObjects;

    private Builder() {}

    /**
     * Lets expressions construct objects of the types Object, Object.spec and so on, and JSONPatch,
     * with whatever fields.
     */
    public Builder dynamicObjects() {
      dynamicObjects = true;
      return this;
    }

    /** Declares a variable, and all object types that its type holds. */
    public Builder variable(String name, ValueType type) {
      variables.put(name, type);
      return type(type);
    }

    /** Declares object types that expressions may construct. */
    public Builder type(ValueType type) {
      switch (type) {
        case ValueType.Struct struct -> {
          if (types.put(struct.name(), struct.type()) == null) {
            struct.fields().values().forEach(this::type);
          }
        }
        case ValueType.ListOf(ValueType element, long max) -> type(element);
        case ValueType.MapOf(ValueType value, long max) -> type(value);
        default -> {}
      }
      return this;
    }

    public Environment build() {
      return new Environment(variables, types, dynamicObjects);
    }
  }

  private CelAbstractSyntaxTree check(String source) throws CelValidationException {
    CelAbstractSyntaxTree parsed = compiler.parse(source).getAst();
    Map<String, CelType> constructed =
        dynamicObjects ? StructLiterals.dynamicTypes(parsed.getExpr()) : Map.of();
    if (constructed.isEmpty()) {
      return compiler.check(parsed).getAst();
    }
    Map<String, CelType> all = new LinkedHashMap<>(types);
    all.putAll(constructed);
    return compiler
        .toCompilerBuilder()
        .setTypeProvider(new Types(ImmutableMap.copyOf(all)))
        .build()
        .check(parsed)
        .getAst();
  }

  /** Compiles an expression of any type. */
  public Expression compile(String source) throws CompilationException {
    CelAbstractSyntaxTree ast;
    try {
      ast = check(source);
    } catch (CelValidationException e) {
      String message = CANDIDATES.matcher(String.valueOf(e.getMessage())).replaceAll("");
      throw new CompilationException(
          compiler.parse(source).hasError()
              ? PLACE.matcher(message).replaceAll("$0Syntax error: ")
              : message);
    }
    try {
      return new Expression(
          source, ast, variables, Evaluation.INSTANCE.createProgram(StructLiterals.toMaps(ast)));
    } catch (CelEvaluationException e) {
      throw new CompilationException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Compiles an expression whose value must be true or false.
   *
   * @throws CompilationException also with "must evaluate to bool"
   */
  public Expression compileCondition(String source) throws CompilationException {
    return compileTo(source, "bool");
  }

  /**
   * Compiles an expression of a type.
   *
   * @param type "bool", "string", "int"
   */
  public Expression compileTo(String source, String type) throws CompilationException {
    Expression expression = compile(source);
    if (!expression.resultType().equals(type) && !expression.resultType().equals("dyn")) {
      throw new CompilationException("must evaluate to " + type);
    }
    return expression;
  }
}
