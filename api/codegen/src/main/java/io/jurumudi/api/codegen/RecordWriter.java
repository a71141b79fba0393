package io.jurumudi.api.codegen;

import com.google.errorprone.annotations.FormatMethod;
import io.jurumudi.api.codegen.Facts.Member;
import io.jurumudi.api.codegen.GoType.Mapping;
import io.jurumudi.api.codegen.GoType.Pointer;
import io.jurumudi.api.codegen.GoType.Scalar;
import io.jurumudi.api.codegen.GoType.Slice;
import io.jurumudi.api.codegen.GoType.Struct;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes one type as a record with its schema, builder, reader and writer. */
final class RecordWriter {
  private static final String SCHEMA = "io.jurumudi.api.schema.";

  /** A component of the record: the field with its Java side worked out. */
  private record Part(int index, Member member, String name, String java, String zero) {
    GoType type() {
      return member.type();
    }
  }

  private final Facts.Type type;
  private final Java java;
  private final Map<String, List<String>> typeFacts;
  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder out = new StringBuilder();

  RecordWriter(Facts.Type type, Map<String, List<String>> typeFacts) {
    this.type = type;
    this.java = type.java();
    this.typeFacts = typeFacts;
    for (Member member : type.members()) {
      String name = Java.identifier(member.json());
      parts.add(new Part(parts.size(), member, name, javaType(member.type()), zero(member.type())));
    }
  }

  String write() {
    String name = java.name();
    line(0, "package %s;", java.pkg());
    line(0, "");
    line(0, "/** %s. */", type.name());
    out.append("public record ").append(name).append("(");
    for (Part part : parts) {
      out.append(part.index == 0 ? "\n" : ",\n").append("    ").append(annotated(part.java));
      out.append(' ').append(part.name);
    }
    out.append(")\n    implements ").append(implemented()).append(" {\n");
    line(1, "public static final %s EMPTY = new Builder().build();", name);
    descriptor();
    constructor();
    line(1, "");
    line(1, "public static Builder builder() {");
    line(2, "return new Builder();");
    line(1, "}");
    line(1, "");
    override("public %sSchema<%s> schema()", SCHEMA, name);
    line(2, "return SCHEMA;");
    line(1, "}");
    toBuilder();
    writer();
    component();
    if (isObject()) {
      override("public %s withMetadata(io.jurumudi.api.meta.v1.ObjectMeta metadata)", name);
      line(2, "return toBuilder().metadata(metadata).build();");
      line(1, "}");
    }
    builder();
    line(0, "}");
    return out.toString();
  }

  private String implemented() {
    if (isObject()) {
      return SCHEMA + "KubernetesObject<" + java.name() + ">";
    }
    String item = listItem();
    return item == null
        ? SCHEMA + "Message<" + java.name() + ">"
        : SCHEMA + "KubernetesList<" + java.name() + ", " + item + ">";
  }

  private boolean isObject() {
    return type.typeMeta() && has("metadata", "io.jurumudi.api.meta.v1.ObjectMeta");
  }

  private @Nullable String listItem() {
    if (type.typeMeta() && has("metadata", "io.jurumudi.api.meta.v1.ListMeta")) {
      for (Part part : parts) {
        if (part.member.json().equals("items") && part.type() instanceof Slice slice) {
          return boxed(slice.element());
        }
      }
    }
    return null;
  }

  private boolean has(String field, String javaType) {
    return parts.stream().anyMatch(p -> p.name.equals(field) && p.java.equals(javaType));
  }

  private void descriptor() {
    line(1, "public static final %sSchema<%s> SCHEMA =", SCHEMA, java.name());
    line(3, "%sSchema.of(", SCHEMA);
    line(5, "EMPTY,");
    line(5, "\"\"\"");
    String kinds = String.join(",", type.kinds()).replace(' ', '/');
    StringBuilder head = new StringBuilder(type.name());
    head.append(' ').append(type.typeMeta() ? kinds.isEmpty() ? "typed" : kinds : "-");
    for (String fact : typeFacts.getOrDefault(type.name(), List.of())) {
      head.append(' ').append(fact.replace(" ", ""));
    }
    line(5, "%s", escape(head.toString()));
    for (Part part : parts) {
      Member member = part.member;
      StringBuilder row = new StringBuilder(member.json()).append(' ');
      row.append(
          member.path().isEmpty()
              ? "-"
              : String.join(".", member.path().stream().map(String::valueOf).toList()));
      row.append(' ').append(expression(member.type()));
      member.flags().stream().sorted().forEach(flag -> row.append(' ').append(flag));
      if (part.index == itemsIndex()) {
        row.append(" items");
      }
      member.facts().forEach(fact -> row.append(' ').append(fact));
      line(5, "%s", escape(row.toString()));
    }
    line(5, "\"\"\");");
  }

  private int itemsIndex() {
    if (listItem() == null) {
      return -1;
    }
    return parts.stream().filter(p -> p.name.equals("items")).findFirst().orElseThrow().index;
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"\"\"", "\\\"\"\"");
  }

  private static String expression(GoType type) {
    return switch (type) {
      case Scalar scalar -> scalar.kind();
      case Struct struct -> Java.of(struct.name()).full();
      case Pointer pointer -> "*" + expression(pointer.target());
      case Slice slice -> (slice.wrapped() ? "~[]" : "[]") + expression(slice.element());
      case Mapping mapping -> "{}" + expression(mapping.value());
    };
  }

  private void constructor() {
    List<Part> collections =
        parts.stream()
            .filter(p -> p.type() instanceof Slice || p.type() instanceof Mapping)
            .toList();
    if (collections.isEmpty()) {
      return;
    }
    line(1, "");
    line(1, "public %s {", java.name());
    for (Part part : collections) {
      String kind = part.type() instanceof Slice ? "list" : "map";
      line(2, "%s = %sFrozen.%s(%s);", part.name, SCHEMA, kind, part.name);
    }
    line(1, "}");
  }

  private void toBuilder() {
    override("public Builder toBuilder()");
    line(2, "Builder b = new Builder();");
    for (Part part : parts) {
      line(2, "b.%s = this.%s;", part.name, part.name);
    }
    line(2, "return b;");
    line(1, "}");
  }

  private void writer() {
    override("public void write(%sObjectWriter out)", SCHEMA);
    List<Part> numbered = parts.stream().filter(p -> !p.member.path().isEmpty()).toList();
    List<Part> sorted = numbered.stream().sorted(BY_PATH).toList();
    if (numbered.size() == parts.size() && sorted.equals(numbered)) {
      body(2, numbered, true);
    } else if (sorted.isEmpty()) {
      body(2, parts, false);
    } else {
      line(2, "if (out.numbered()) {");
      body(3, sorted, true);
      line(2, "} else {");
      body(3, parts, false);
      line(2, "}");
    }
    line(1, "}");
  }

  private static final Comparator<Part> BY_PATH =
      (a, b) -> {
        List<Integer> x = a.member.path();
        List<Integer> y = b.member.path();
        for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
          int order = x.get(i).compareTo(y.get(i));
          if (order != 0) {
            return order;
          }
        }
        return Integer.compare(x.size(), y.size());
      };

  private void body(int indent, List<Part> order, boolean inlines) {
    List<Integer> open = List.of();
    for (Part part : order) {
      List<Integer> path = part.member.path();
      List<Integer> outer = inlines ? path.subList(0, path.size() - 1) : List.of();
      int common = 0;
      while (common < Math.min(open.size(), outer.size())
          && open.get(common).equals(outer.get(common))) {
        common++;
      }
      for (int i = open.size(); i > common; i--) {
        line(indent, "out.endInline();");
      }
      for (int i = common; i < outer.size(); i++) {
        line(indent, "out.beginInline(%d);", outer.get(i));
      }
      open = outer;
      line(indent, "out.%s(SCHEMA.at(%d), this.%s);", method(part.type()), part.index, part.name);
    }
    for (int i = open.size(); i > 0; i--) {
      line(indent, "out.endInline();");
    }
  }

  private static String method(GoType type) {
    return switch (type) {
      case Scalar s ->
          switch (s.kind()) {
            case "string", "bool", "int32", "int64" -> s.kind();
            default -> "value";
          };
      case Struct _ -> "message";
      case Pointer p -> p.target() instanceof Struct ? "message" : "value";
      case Slice _ -> "list";
      case Mapping _ -> "map";
    };
  }

  private void component() {
    override("public @org.jspecify.annotations.Nullable Object component(int index)");
    if (parts.isEmpty()) {
      line(2, "throw new IndexOutOfBoundsException(index);");
    } else {
      line(2, "return switch (index) {");
      for (Part part : parts) {
        line(3, "case %d -> this.%s;", part.index, part.name);
      }
      line(3, "default -> throw new IndexOutOfBoundsException(index);");
      line(2, "};");
    }
    line(1, "}");
  }

  private void builder() {
    line(1, "");
    line(1, "/** Builds {@link %s}. Not safe for use by several threads. */", java.name());
    line(
        1,
        "public static final class Builder implements %sMessage.Builder<%s> {",
        SCHEMA,
        java.name());
    for (Part part : parts) {
      String value = part.zero.isEmpty() ? "" : " = " + part.zero;
      line(2, "private %s %s%s;", annotated(part.java), part.name, value);
    }
    line(2, "");
    line(2, "private Builder() {}");
    for (Part part : parts) {
      line(2, "");
      line(2, "public Builder %s(%s value) {", part.name, annotated(part.java));
      line(3, "this.%s = value;", part.name);
      line(3, "return this;");
      line(2, "}");
      subBuilder(part);
    }
    line(2, "");
    line(2, "@Override");
    line(2, "public void read(%sObjectReader in) {", SCHEMA);
    line(3, "for (int next; (next = in.next(SCHEMA)) >= 0; ) {");
    line(4, "switch (next) {");
    for (Part part : parts) {
      line(5, "case %d -> this.%s = %s;", part.index, part.name, read(part));
    }
    line(5, "default -> throw new IndexOutOfBoundsException(next);");
    line(4, "}");
    line(3, "}");
    line(2, "}");
    setter();
    line(2, "");
    line(2, "@Override");
    line(2, "public %s build() {", java.name());
    line(
        3,
        "return new %s(%s);",
        java.name(),
        String.join(", ", parts.stream().map(Part::name).toList()));
    line(2, "}");
    line(1, "}");
  }

  private void subBuilder(Part part) {
    GoType type = part.type() instanceof Pointer p ? p.target() : part.type();
    if (!(type instanceof Struct struct)) {
      return;
    }
    String target = Java.of(struct.name()).full();
    line(2, "");
    line(
        2,
        "public Builder %s(java.util.function.UnaryOperator<%s.Builder> change) {",
        part.name,
        target);
    String from =
        part.type() instanceof Pointer
            ? "(this.%s == null ? %s.EMPTY : this.%s)".formatted(part.name, target, part.name)
            : "this." + part.name;
    line(3, "this.%s = change.apply(%s.toBuilder()).build();", part.name, from);
    line(3, "return this;");
    line(2, "}");
  }

  private static String read(Part part) {
    String field = "SCHEMA.at(%d)".formatted(part.index);
    return switch (part.type()) {
      case Scalar s ->
          switch (s.kind()) {
            case "string" -> "in.string()";
            case "bool" -> "in.bool()";
            case "int32" -> "in.int32()";
            case "int64" -> "in.int64()";
            default ->
                part.zero.isEmpty()
                    ? value(part)
                    : "%sFrozen.or(%s, %s)".formatted(SCHEMA, value(part), part.zero);
          };
      case Struct s -> "in.message(" + Java.of(s.name()).full() + ".SCHEMA)";
      case Pointer p ->
          p.target() instanceof Struct s
              ? "in.messageOrNull(" + Java.of(s.name()).full() + ".SCHEMA)"
              : value(part);
      case Slice _ -> "in.list(%s, this.%s)".formatted(field, part.name);
      case Mapping _ -> "in.map(%s, this.%s)".formatted(field, part.name);
    };
  }

  private static String value(Part part) {
    return "(%s) in.value(SCHEMA.at(%d))".formatted(boxed(part.type()), part.index);
  }

  private void setter() {
    line(2, "");
    line(2, "@Override");
    boolean unchecked =
        parts.stream().anyMatch(p -> p.type() instanceof Slice || p.type() instanceof Mapping);
    if (unchecked) {
      line(2, "@SuppressWarnings(\"unchecked\")");
    }
    line(2, "public Builder set(int index, @org.jspecify.annotations.Nullable Object value) {");
    if (parts.isEmpty()) {
      line(3, "throw new IndexOutOfBoundsException(index);");
      line(2, "}");
      return;
    }
    line(3, "switch (index) {");
    for (Part part : parts) {
      String cast = "(" + boxedName(part) + ") value";
      String expression =
          part.zero.isEmpty() ? cast : "value == null ? %s : %s".formatted(part.zero, cast);
      line(4, "case %d -> this.%s = %s;", part.index, part.name, expression);
    }
    line(4, "default -> throw new IndexOutOfBoundsException(index);");
    line(3, "}");
    line(3, "return this;");
    line(2, "}");
  }

  private static String boxedName(Part part) {
    return boxed(part.type());
  }

  private static String javaType(GoType type) {
    return switch (type) {
      case Scalar scalar -> scalar.zero().isEmpty() ? "?" + scalar.java() : scalar.java();
      case Pointer pointer -> "?" + boxed(pointer.target());
      case Struct _, Slice _, Mapping _ -> boxed(type);
    };
  }

  private static String boxed(GoType type) {
    return switch (type) {
      case Scalar scalar -> scalar.boxed();
      case Struct struct -> Java.of(struct.name()).full();
      case Pointer pointer -> boxed(pointer.target());
      case Slice slice -> "java.util.List<" + boxed(slice.element()) + ">";
      case Mapping mapping -> "java.util.Map<String, " + boxed(mapping.value()) + ">";
    };
  }

  private static String zero(GoType type) {
    return switch (type) {
      case Scalar scalar -> scalar.zero();
      case Pointer _ -> "";
      case Struct struct -> Java.of(struct.name()).full() + ".EMPTY";
      case Slice _ -> "java.util.List.of()";
      case Mapping _ -> "java.util.Map.of()";
    };
  }

  /** A "?" before a type marks it nullable; the annotation stands before its simple name. */
  private static String annotated(String java) {
    if (!java.startsWith("?")) {
      return java;
    }
    int dot = java.lastIndexOf('.') + 1;
    int simple = Math.max(dot, 1);
    return java.substring(1, simple)
        + "@org.jspecify.annotations.Nullable "
        + java.substring(simple);
  }

  @FormatMethod
  private void override(String format, Object... args) {
    line(1, "");
    line(1, "@Override");
    out.append("  ").append(String.format(format, args)).append(" {\n");
  }

  @FormatMethod
  private void line(int indent, String format, Object... args) {
    String text = args.length == 0 ? format : format.formatted(args);
    if (!text.isEmpty()) {
      out.append("  ".repeat(indent)).append(text);
    }
    out.append('\n');
  }
}
