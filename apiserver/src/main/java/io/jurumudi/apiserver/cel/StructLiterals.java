package io.jurumudi.apiserver.cel;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes maps of the objects that a checked expression constructs, such as Object{spec: ...}: the
 * evaluation knows no types of its own but protobuf's, and trees are made of maps anyway.
 */
final class StructLiterals {
  private long nextId;

  private StructLiterals(long firstId) {
    this.nextId = firstId;
  }

  static CelAbstractSyntaxTree toMaps(CelAbstractSyntaxTree ast) {
    long highest = ast.getTypeMap().keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    // Ids of entries stand in no map; far above them is free.
    StructLiterals rewriting = new StructLiterals(highest + 1_000_000);
    return CelAbstractSyntaxTree.newCheckedAst(
        rewriting.of(ast.getExpr()), ast.getSource(), ast.getReferenceMap(), ast.getTypeMap());
  }

  /** Types for the objects that a parsed expression constructs, of the fields that it sets. */
  static Map<String, CelType> dynamicTypes(CelExpr expression) {
    Map<String, Set<String>> fields = new LinkedHashMap<>();
    collect(expression, fields);
    Map<String, CelType> types = new LinkedHashMap<>();
    fields.forEach(
        (name, set) -> {
          if (name.equals("Object") || name.startsWith("Object.") || name.equals("JSONPatch")) {
            types.put(
                name,
                StructType.create(
                    name, ImmutableSet.copyOf(set), field -> Optional.of(SimpleType.DYN)));
          }
        });
    return types;
  }

  private static void collect(CelExpr e, Map<String, Set<String>> fields) {
    switch (e.getKind()) {
      case STRUCT -> {
        Set<String> own =
            fields.computeIfAbsent(e.struct().messageName(), name -> new LinkedHashSet<>());
        for (CelExpr.CelStruct.Entry entry : e.struct().entries()) {
          own.add(entry.fieldKey());
          collect(entry.value(), fields);
        }
      }
      case SELECT -> collect(e.select().operand(), fields);
      case CALL -> {
        e.call().target().ifPresent(target -> collect(target, fields));
        e.call().args().forEach(argument -> collect(argument, fields));
      }
      case LIST -> e.list().elements().forEach(element -> collect(element, fields));
      case MAP -> e.map().entries().forEach(entry -> collect(entry.value(), fields));
      case COMPREHENSION -> {
        CelExpr.CelComprehension c = e.comprehension();
        for (CelExpr part :
            List.of(c.iterRange(), c.accuInit(), c.loopCondition(), c.loopStep(), c.result())) {
          collect(part, fields);
        }
      }
      default -> {}
    }
  }

  private CelExpr of(CelExpr e) {
    return switch (e.getKind()) {
      case STRUCT -> {
        ImmutableList.Builder<CelExpr.CelMap.Entry> entries = ImmutableList.builder();
        for (CelExpr.CelStruct.Entry entry : e.struct().entries()) {
          CelExpr key =
              CelExpr.ofConstant(
                  nextId++, CelConstant.ofValue(Identifiers.unescape(entry.fieldKey())));
          entries.add(
              CelExpr.ofMapEntry(entry.id(), key, of(entry.value()), entry.optionalEntry()));
        }
        yield CelExpr.ofMap(e.id(), entries.build());
      }
      case SELECT ->
          CelExpr.ofSelect(
              e.id(), of(e.select().operand()), e.select().field(), e.select().testOnly());
      case CALL ->
          CelExpr.ofCall(
              e.id(),
              e.call().target().map(this::of).or(Optional::empty),
              e.call().function(),
              all(e.call().args()));
      case LIST -> CelExpr.ofList(e.id(), all(e.list().elements()), e.list().optionalIndices());
      case MAP -> {
        ImmutableList.Builder<CelExpr.CelMap.Entry> entries = ImmutableList.builder();
        for (CelExpr.CelMap.Entry entry : e.map().entries()) {
          entries.add(
              CelExpr.ofMapEntry(
                  entry.id(), of(entry.key()), of(entry.value()), entry.optionalEntry()));
        }
        yield CelExpr.ofMap(e.id(), entries.build());
      }
      case COMPREHENSION -> {
        CelExpr.CelComprehension c = e.comprehension();
        yield CelExpr.ofComprehension(
            e.id(),
            c.iterVar(),
            c.iterVar2(),
            of(c.iterRange()),
            c.accuVar(),
            of(c.accuInit()),
            of(c.loopCondition()),
            of(c.loopStep()),
            of(c.result()));
      }
      default -> e;
    };
  }

  private ImmutableList<CelExpr> all(Iterable<CelExpr> expressions) {
    ImmutableList.Builder<CelExpr> all = ImmutableList.builder();
    expressions.forEach(e -> all.add(of(e)));
    return all.build();
  }
}
