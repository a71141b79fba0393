package io.jurumudi.apiserver.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.util.Optional;

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
