package io.jurumudi.api.codegen;

import io.jurumudi.api.codegen.Facts.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Writes the list of served resources and the index of all types. */
final class ResourcesWriter {
  private final Facts facts;
  private final Map<String, Facts.Type> kinds = new HashMap<>();

  ResourcesWriter(Facts facts) {
    this.facts = facts;
    for (Facts.Type type : facts.types().values()) {
      for (String kind : type.kinds()) {
        kinds.put(kind, type);
      }
    }
  }

  String resources() {
    StringBuilder out = new StringBuilder();
    out.append("package io.jurumudi.api;\n\n");
    out.append("import io.jurumudi.api.meta.GroupVersionKind;\n");
    out.append("import io.jurumudi.api.meta.ResourceType;\n");
    out.append("import io.jurumudi.api.meta.Subresource;\n");
    out.append("import java.util.List;\nimport java.util.Set;\n\n");
    out.append(
        "/** The resources Kubernetes v1.36 serves, in the order its discovery lists them. */\n");
    out.append("public final class Resources {\n  private Resources() {}\n");
    Set<String> names = new HashSet<>();
    Map<Resource, String> constants = new HashMap<>();
    List<Resource> byPreference = new ArrayList<>(facts.resources());
    byPreference.sort((a, b) -> rank(b) - rank(a));
    for (Resource resource : byPreference) {
      String name = resource.plural().toUpperCase(Locale.ROOT).replace('-', '_');
      if (!names.add(name)) {
        name += "_" + resource.version().toUpperCase(Locale.ROOT);
        if (!names.add(name)) {
          throw new IllegalStateException("two resources named " + name);
        }
      }
      constants.put(resource, name);
    }
    List<String> all = new ArrayList<>();
    for (Resource resource : facts.resources()) {
      String name = Objects.requireNonNull(constants.get(resource));
      all.add(name);
      constant(out, resource, name);
    }
    out.append("\n  public static final List<ResourceType<?>> ALL =\n      List.of(");
    out.append(String.join(",\n          ", all)).append(");\n}\n");
    return out.toString();
  }

  /** Higher first: the core group, then the newest stable version, then beta, then alpha. */
  private static int rank(Resource resource) {
    String version = resource.version();
    int stability = version.contains("alpha") ? 0 : version.contains("beta") ? 100 : 200;
    int number = Integer.parseInt(version.replaceAll("^v|(alpha|beta).*", ""));
    int minor =
        version.matches(".*(alpha|beta).*")
            ? Integer.parseInt(version.replaceAll(".*[a-z]", ""))
            : 0;
    return stability + number * 10 + minor + (resource.group().isEmpty() ? 500 : 0);
  }

  private void constant(StringBuilder out, Resource resource, String name) {
    String apiVersion = apiVersion(resource.group(), resource.version());
    Facts.Type type = kind(apiVersion, resource.kind());
    Facts.Type list = kinds.get(apiVersion + " " + resource.kind() + "List");
    out.append("\n  /** ").append(resource.plural()).append(" of ").append(apiVersion);
    out.append(". */\n  public static final ResourceType<").append(type.java().full());
    out.append("> ").append(name).append(" =\n      new ResourceType<>(\n          ");
    out.append(
        String.join(
            ",\n          ",
            Java.literal(resource.group()),
            Java.literal(resource.version()),
            Java.literal(resource.plural()),
            Java.literal(resource.singular()),
            Java.literal(resource.kind()),
            String.valueOf(resource.namespaced()),
            "List.of(" + literals(resource.shortNames()) + ")",
            "List.of(" + literals(resource.categories()) + ")",
            "Set.of(" + literals(resource.verbs()) + ")",
            type.java().full() + ".SCHEMA",
            list == null ? "null" : list.java().full() + ".SCHEMA",
            "List.of(" + subresources(resource) + ")"));
    out.append(");\n");
  }

  private String subresources(Resource resource) {
    List<String> all = new ArrayList<>();
    for (String entry : Facts.list(resource.subresources(), "; ")) {
      String name = entry.substring(0, entry.indexOf('('));
      String inner = entry.substring(entry.indexOf('(') + 1, entry.length() - 1);
      String[] verbsAs = inner.split(" as ", -1);
      String kind = verbsAs.length > 1 ? verbsAs[1] : resource.kind();
      String group = resource.group();
      String version = resource.version();
      switch (kind) {
        case "Scale" -> {
          group = "autoscaling";
          version = "v1";
        }
        case "Eviction" -> {
          group = "policy";
          version = "v1";
        }
        case "TokenRequest" -> {
          group = "authentication.k8s.io";
          version = "v1";
        }
        default -> {
          if (name.equals("scale")) {
            group = "autoscaling";
            version = "v1";
            kind = "Scale";
          }
        }
      }
      kind(apiVersion(group, version), kind); // must exist
      all.add(
          "new Subresource(%s, Set.of(%s), new GroupVersionKind(%s, %s, %s))"
              .formatted(
                  Java.literal(name),
                  literals(List.of(verbsAs[0].split(",", -1))),
                  Java.literal(group),
                  Java.literal(version),
                  Java.literal(kind)));
    }
    return String.join(",\n              ", all);
  }

  String schemas() {
    StringBuilder out = new StringBuilder();
    out.append("package io.jurumudi.api;\n\n");
    out.append("/** The index behind {@link Schemas}: OpenAPI name, Java class, kinds. */\n");
    out.append("final class SchemaIndex {\n  private SchemaIndex() {}\n\n");
    out.append("  // in parts: a constant holds 65535 bytes at most\n");
    out.append("  static final java.util.List<String> PARTS =\n      java.util.List.of(\n");
    int row = 0;
    for (Facts.Type type : facts.types().values()) {
      if (row++ % 200 == 0) {
        out.append(row == 1 ? "" : "          \"\"\",\n").append("          \"\"\"\n");
      }
      out.append("          ").append(type.name()).append(' ').append(type.java().full());
      for (String kind : type.kinds()) {
        out.append(' ').append(kind.replace(' ', '/'));
      }
      out.append('\n');
    }
    out.append("          \"\"\");\n}\n");
    return out.toString();
  }

  private Facts.Type kind(String apiVersion, String kind) {
    Facts.Type type = kinds.get(apiVersion + " " + kind);
    if (type == null) {
      throw new IllegalStateException(
          "resources.tsv names an unknown kind " + apiVersion + " " + kind);
    }
    return type;
  }

  private static String apiVersion(String group, String version) {
    return group.isEmpty() ? version : group + "/" + version;
  }

  private static String literals(List<String> texts) {
    return String.join(", ", texts.stream().map(Java::literal).toList());
  }
}
