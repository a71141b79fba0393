package io.jurumudi.api.codegen;

import io.jurumudi.api.codegen.GoType.Struct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The facts files, read into types with their fields flattened as Go's JSON flattens them. */
final class Facts {
  /** A type: its name, kinds as "group/version Kind", and fields in the order JSON writes them. */
  record Type(String name, List<String> kinds, boolean typeMeta, List<Member> members) {
    Java java() {
      return Java.of(name);
    }
  }

  /**
   * A field.
   *
   * @param owner the struct that declares it: the type, or one that Go embeds in it
   * @param path its protobuf numbers from the outermost message on: more than one for a field of an
   *     embedded struct; empty where protobuf lacks it
   * @param facts what OpenAPI says about it, as {@code name=value} or {@code name}
   */
  record Member(
      String json,
      String owner,
      List<Integer> path,
      GoType type,
      Set<String> flags,
      List<String> facts) {}

  /** A served resource, a line of resources.tsv. */
  record Resource(
      String group,
      String version,
      String plural,
      String kind,
      boolean namespaced,
      String singular,
      List<String> shortNames,
      List<String> categories,
      List<String> verbs,
      String subresources) {}

  /** Another name for meta's List, and what JSON has as a string. */
  private static final Set<String> NOT_MESSAGES =
      Set.of("io.k8s.api.core.v1.List", "io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersion");

  /** Audit events, which are written in JSON only. */
  private static final String JSON_ONLY = "io.k8s.apiserver.pkg.apis.audit.v1.";

  /** Embedded kinds whose kind and apiVersion upstream writes. */
  private static final Set<String> TYPED =
      Set.of("io.k8s.api.apps.v1.StatefulSetSpec.volumeClaimTemplates");

  private final Map<String, Type> types = new TreeMap<>();
  private final List<Resource> resources = new ArrayList<>();

  /** The OpenAPI names of the types that are raw JSON here. */
  private static final Map<String, String> RAW =
      Map.of(
          "rawextension", "io.k8s.apimachinery.pkg.runtime.RawExtension",
          "fieldsv1", "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
          "json", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON");

  private record Row(
      String json, String number, GoType type, Set<String> flags, @Nullable String raw) {}

  static Facts read(Path dir) throws IOException {
    Facts facts = new Facts();
    Map<String, Map<String, List<String>>> openApi = new HashMap<>();
    for (String[] row : rows(dir.resolve("fields.tsv"))) {
      openApi
          .computeIfAbsent(row[0], _ -> new HashMap<>())
          .put(row[1], List.of(row).subList(2, row.length));
    }
    Map<String, List<Row>> structs = new LinkedHashMap<>();
    Map<String, List<String>> kinds = new HashMap<>();
    for (String[] row : rows(dir.resolve("gotypes.tsv"))) {
      String type = row[0];
      if (type.startsWith("io.k8s.apimachinery.pkg.runtime.")) {
        continue; // the envelope of protobuf, written by hand where it is used
      }
      if (NOT_MESSAGES.contains(type)) {
        continue;
      }
      if (row[1].equals("(type)")) {
        structs.put(type, new ArrayList<>());
        kinds.put(type, list(row[2], ","));
      } else {
        List<Row> fields = structs.get(type);
        if (fields == null) {
          throw new IOException("gotypes.tsv: field of an unknown type " + type);
        }
        Set<String> flags = Set.copyOf(list(row[6], ","));
        if (row[5].equals("typemeta")) {
          fields.add(new Row("", "", new Struct("typemeta"), Set.of("typemeta"), null));
        } else {
          String number = type.startsWith(JSON_ONLY) ? "" : row[3];
          String raw = RAW.get(row[5].replaceAll("^[*\\[\\]]+", ""));
          fields.add(new Row(row[2], number, GoType.parse(row[5]), flags, raw));
        }
      }
    }
    kinds.put("io.k8s.apimachinery.pkg.apis.meta.v1.List", List.of("v1 List"));
    for (String type : structs.keySet()) {
      List<Member> members = new ArrayList<>();
      boolean typeMeta = flatten(structs, openApi, type, type, List.of(), members);
      facts.types.put(type, new Type(type, kinds.getOrDefault(type, List.of()), typeMeta, members));
    }
    for (String[] row : rows(dir.resolve("resources.tsv"))) {
      int slash = row[0].indexOf('/');
      facts.resources.add(
          new Resource(
              slash < 0 ? "" : row[0].substring(0, slash),
              row[0].substring(slash + 1),
              row[1],
              row[2],
              row[3].equals("Namespaced"),
              row[4],
              list(row[5], ","),
              list(row[6], ","),
              list(row[7], ","),
              row[8]));
    }
    return facts;
  }

  /** Adds the fields of {@code type}; true when the type carries kind and apiVersion. */
  private static boolean flatten(
      Map<String, List<Row>> structs,
      Map<String, Map<String, List<String>>> openApi,
      String outer,
      String type,
      List<Integer> path,
      List<Member> members) {
    boolean typeMeta = false;
    List<Row> rows = structs.get(type);
    if (rows == null) {
      throw new IllegalArgumentException("no facts about " + type);
    }
    for (Row row : rows) {
      if (row.flags.contains("typemeta")) {
        typeMeta = true;
        continue;
      }
      List<Integer> number = new ArrayList<>(path);
      if (row.number.isEmpty()) {
        number.clear();
      } else {
        number.add(Integer.parseInt(row.number));
      }
      if (row.flags.contains("inline")) {
        flatten(structs, openApi, outer, ((Struct) row.type).name(), number, members);
        continue;
      }
      List<String> facts =
          new ArrayList<>(openApi.getOrDefault(outer, Map.of()).getOrDefault(row.json, List.of()));
      if (TYPED.contains(outer + "." + row.json)) {
        facts.add("typed");
      }
      if (row.raw != null) {
        facts.add("raw=" + row.raw);
      }
      members.add(new Member(row.json, type, List.copyOf(number), row.type, row.flags, facts));
    }
    return typeMeta;
  }

  Map<String, Type> types() {
    return types;
  }

  List<Resource> resources() {
    return resources;
  }

  static List<String> list(String text, String separator) {
    return text.isEmpty() ? List.of() : List.of(text.split(separator, -1));
  }

  private static List<String[]> rows(Path file) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        rows.add(line.split("\t", -1));
      }
    }
    return rows;
  }
}
