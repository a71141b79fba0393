package io.jurumudi.api.codegen;

import java.util.Set;

/** The Java name of an API type, and how names of JSON become identifiers. */
record Java(String pkg, String name) {
  /** Java's keywords that Kubernetes uses as field names, and names a generated record needs. */
  private static final Set<String> RESERVED =
      Set.of(
          "continue",
          "default",
          "enum",
          "int",
          "switch",
          "package",
          "import",
          "interface",
          "class",
          "if",
          "for",
          "do",
          "new",
          "static",
          "public",
          "private",
          "protected",
          "return",
          "super",
          "this",
          "throw",
          "try",
          "void",
          "while",
          "case",
          "break",
          "byte",
          "char",
          "double",
          "else",
          "final",
          "float",
          "goto",
          "long",
          "native",
          "short",
          "volatile",
          "assert",
          "boolean",
          "abstract",
          "const",
          "catch",
          "extends",
          "implements",
          "instanceof",
          "synchronized",
          "transient",
          "throws",
          "finally",
          "schema",
          "write",
          "toBuilder",
          "component",
          "read",
          "set",
          "build",
          "hashCode",
          "toString",
          "equals",
          "notify",
          "notifyAll",
          "wait",
          "clone",
          "finalize",
          "getClass",
          "builder");

  static Java of(String openApi) {
    int dot = openApi.lastIndexOf('.');
    String pkg = openApi.substring(0, dot);
    String java =
        pkg.startsWith("io.k8s.api.")
            ? pkg.substring("io.k8s.api.".length())
            : pkg.substring(
                pkg.contains(".pkg.apis.")
                    ? pkg.indexOf(".pkg.apis.") + 10
                    : pkg.lastIndexOf('.') + 1);
    return new Java("io.jurumudi.api." + java, openApi.substring(dot + 1));
  }

  String full() {
    return pkg + "." + name;
  }

  /** {@code x-kubernetes-int-or-string} → {@code xKubernetesIntOrString}; keywords get a "_". */
  static String identifier(String json) {
    StringBuilder out = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '$') {
        continue;
      }
      if (c == '-') {
        upper = true;
        continue;
      }
      out.append(upper ? Character.toUpperCase(c) : c);
      upper = false;
    }
    String name = out.toString();
    return RESERVED.contains(name) ? name + "_" : name;
  }

  /** A string as a Java literal. */
  static String literal(String text) {
    return '"'
        + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t")
        + '"';
  }
}
