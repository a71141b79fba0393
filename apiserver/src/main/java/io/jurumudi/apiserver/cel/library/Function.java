package io.jurumudi.apiserver.cel.library;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One way to call a function: how the checker knows it, and what it does.
 *
 * @param id as upstream names the overload
 * @param member whether it is called on its first argument
 * @param classes of the arguments' values
 */
public record Function(
    String name,
    String id,
    boolean member,
    CelType result,
    List<CelType> types,
    List<Class<?>> classes,
    Body body) {
  /** What a function does; what it throws is the expression's error. */
  @FunctionalInterface
  public interface Body {
    Object apply(Object[] arguments);
  }

  /** The type of an argument, and the class of its values. */
  public record Argument(CelType type, Class<?> value) {}

  static Argument arg(CelType type, Class<?> value) {
    return new Argument(type, value);
  }

  static Function member(String name, String id, CelType result, Body body, Argument... arguments) {
    return of(name, id, true, result, body, arguments);
  }

  static Function global(String name, String id, CelType result, Body body, Argument... arguments) {
    return of(name, id, false, result, body, arguments);
  }

  private static Function of(
      String name, String id, boolean member, CelType result, Body body, Argument... arguments) {
    List<CelType> types = new ArrayList<>();
    List<Class<?>> classes = new ArrayList<>();
    for (Argument argument : arguments) {
      types.add(argument.type());
      classes.add(argument.value());
    }
    return new Function(name, id, member, result, types, classes, body);
  }

  /** What the checker is told: one declaration a name. */
  public static List<CelFunctionDecl> declarations(List<Function> functions) {
    Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    for (Function f : functions) {
      overloads
          .computeIfAbsent(f.name(), name -> new ArrayList<>())
          .add(
              f.member()
                  ? CelOverloadDecl.newMemberOverload(f.id(), f.result(), f.types())
                  : CelOverloadDecl.newGlobalOverload(f.id(), f.result(), f.types()));
    }
    List<CelFunctionDecl> all = new ArrayList<>();
    overloads.forEach((name, ways) -> all.add(CelFunctionDecl.newFunctionDeclaration(name, ways)));
    return all;
  }

  /** What the evaluation is told. */
  @SuppressWarnings("Immutable") // A body is a function without state.
  public CelFunctionBinding binding() {
    return CelFunctionBinding.from(
        id, ImmutableList.copyOf(classes), arguments -> body.apply(arguments));
  }
}
