package io.jurumudi.apiserver.openapi;

import static io.jurumudi.apiserver.openapi.Components.tree;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.Subresource;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.discovery.Discovery;
import io.jurumudi.apiserver.front.Paths;
import io.jurumudi.apiserver.front.Responses;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Definition;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * OpenAPI: version 3 in a document a group and version, version 2 in one for all. Each is made when
 * first asked for, then kept compressed.
 */
public final class OpenApi {
  private static final String V2 = "v2";

  private final Supplier<Catalog> catalogs;
  private final String version;
  private final Map<String, Made> documents = new ConcurrentHashMap<>();

  /** A document and what it was made of; made again when that is no longer what is served. */
  private record Made(List<Served> of, Document document) {}

  /**
   * @param catalogs what is served at present; asked at each request
   * @param version of what is served, as in "v1.36"
   */
  public OpenApi(Supplier<Catalog> catalogs, String version) {
    this.catalogs = catalogs;
    this.version = version;
  }

  public void addTo(Paths paths) {
    paths.at("/openapi/v3", this::index);
    paths.at(
        "/openapi/v2",
        exchange -> {
          List<String> accepted = exchange.headers().elements("Accept");
          if (!accepted.isEmpty() && accepted.stream().noneMatch(OpenApi::isJson)) {
            // In protobuf this document is not to be had; clients do without.
            Responses.text(exchange, 406, "only application/json is served here\n");
            return;
          }
          respond(exchange, document(V2));
        });
    paths.below("/openapi/v3/", this::version3);
    paths.listed(
        () ->
            catalogs.get().groupVersions().stream().map(gv -> "/openapi/v3/" + path(gv)).toList());
  }

  private void version3(HttpExchange exchange) {
    String name = exchange.path().substring("/openapi/v3/".length());
    if (catalogs.get().groupVersions().stream().anyMatch(gv -> path(gv).equals(name))) {
      respond(exchange, document(name));
    } else {
      exchange.respondText(404, "404 page not found");
    }
  }

  private static boolean isJson(String accepted) {
    return accepted.startsWith("application/json") || accepted.startsWith("*/*");
  }

  private static String path(GroupVersion gv) {
    return gv.group().isEmpty() ? "api/" + gv.version() : "apis/" + gv.apiVersion();
  }

  /** The hash stands for the content; it is that of what the content is made from. */
  private void index(HttpExchange exchange) {
    Map<String, @Nullable Object> paths = new TreeMap<>();
    Catalog catalog = catalogs.get();
    for (GroupVersion gv : catalog.groupVersions()) {
      String name = path(gv);
      paths.put(
          name, tree("serverRelativeURL", "/openapi/v3/" + name + "?hash=" + hash(catalog, gv)));
    }
    Responses.json(exchange, Trees.writeJson(tree("paths", paths)));
  }

  private String hash(Catalog catalog, GroupVersion gv) {
    String content = version + path(gv) + catalog.in(gv).stream().map(OpenApi::identity).toList();
    return Discovery.hash(content.getBytes(StandardCharsets.UTF_8));
  }

  private static String identity(Served one) {
    String revision =
        one instanceof Served.Kept<?, ?> kept
            ? kept.resource().definition().map(Definition::revision).orElse("")
            : "";
    return one.type().plural() + revision;
  }

  private Document document(String name) {
    Catalog catalog = catalogs.get();
    List<Served> of = new ArrayList<>();
    for (GroupVersion gv : catalog.groupVersions()) {
      if (name.equals(V2) || path(gv).equals(name)) {
        of.addAll(catalog.in(gv));
      }
    }
    return documents
        .compute(
            name,
            (n, made) ->
                made != null && made.of().equals(of)
                    ? made
                    : new Made(of, Document.of(make(n, of))))
        .document();
  }

  private static void respond(HttpExchange exchange, Document document) {
    Headers headers =
        Headers.of(
            "Content-Type", "application/json",
            "ETag", "\"" + document.hash() + "\"",
            "Vary", "Accept-Encoding",
            "Vary", "Accept");
    if (exchange.rawQuery().startsWith("hash=")) {
      headers.add("Cache-Control", "public, immutable"); // Another content has another hash.
    }
    if (exchange.headers().get("If-None-Match", "").contains(document.hash())) {
      exchange.respond(304, headers, new byte[0]);
      return;
    }
    if (exchange.headers().elements("Accept-Encoding").stream()
        .anyMatch(e -> e.startsWith("gzip"))) {
      headers.add("Content-Encoding", "gzip");
      exchange.respond(200, headers, document.gzip());
      return;
    }
    exchange.respond(200, headers, document.plain());
  }

  private Map<String, @Nullable Object> make(String name, List<Served> all) {
    boolean v3 = !name.equals(V2);
    Components components = new Components(v3);
    Map<String, @Nullable Object> paths = new TreeMap<>();
    for (Served one : all) {
      if (one instanceof Served.Kept<?, ?> kept) {
        kept.resource()
            .definition()
            .ifPresent(definition -> components.define(kept.type().schema(), definition));
      }
      paths(one.type(), components, v3, paths);
    }
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put(v3 ? "openapi" : "swagger", v3 ? "3.0.0" : "2.0");
    document.put("info", tree("title", "Kubernetes", "version", version));
    document.put("paths", paths);
    if (v3) {
      document.put("components", tree("schemas", components.all()));
    } else {
      document.put("definitions", components.all());
    }
    return document;
  }

  private static void paths(
      ResourceType<?> type, Components c, boolean v3, Map<String, @Nullable Object> paths) {
    String base =
        type.group().isEmpty()
            ? "/api/" + type.version()
            : "/apis/" + type.group() + "/" + type.version();
    String collection =
        base + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
    Paths3 all = new Paths3(c, v3, paths);
    GroupVersionKind kind = type.groupVersionKind();
    Schema<?> schema = type.schema();
    for (String verb : type.verbs().stream().sorted().toList()) {
      switch (verb) {
        case "list" -> {
          all.add(collection, "get", "list", kind, type.listSchema(), null, type.namespaced());
          if (type.namespaced()) {
            all.add(
                base + "/" + type.plural(), "get", "list", kind, type.listSchema(), null, false);
          }
        }
        case "create" ->
            all.add(collection, "post", "post", kind, schema, schema, type.namespaced());
        case "deletecollection" ->
            all.add(
                collection,
                "delete",
                "deletecollection",
                kind,
                status(),
                options(),
                type.namespaced());
        case "get" ->
            all.add(collection + "/{name}", "get", "get", kind, schema, null, type.namespaced());
        case "update" ->
            all.add(collection + "/{name}", "put", "put", kind, schema, schema, type.namespaced());
        case "patch" ->
            all.add(
                collection + "/{name}", "patch", "patch", kind, schema, null, type.namespaced());
        case "delete" ->
            all.add(
                collection + "/{name}",
                "delete",
                "delete",
                kind,
                status(),
                options(),
                type.namespaced());
        default -> {}
      }
    }
    for (Subresource s : type.subresources()) {
      Schema<?> of =
          s.kind().equals(kind)
              ? schema
              : Schemas.byKind(s.kind()).<Schema<?>>map(x -> x).orElse(null);
      String path = collection + "/{name}/" + s.name();
      for (String verb : s.verbs().stream().sorted().toList()) {
        switch (verb) {
          case "get" -> all.add(path, "get", "get", s.kind(), of, null, type.namespaced());
          case "create" -> all.add(path, "post", "post", s.kind(), of, of, type.namespaced());
          case "update" -> all.add(path, "put", "put", s.kind(), of, of, type.namespaced());
          case "patch" -> all.add(path, "patch", "patch", s.kind(), of, null, type.namespaced());
          default -> {}
        }
      }
    }
  }

  private static Schema<?> status() {
    return Status.SCHEMA;
  }

  private static Schema<?> options() {
    return DeleteOptions.SCHEMA;
  }

  /** Adds operations to the paths of a document. */
  private record Paths3(Components c, boolean v3, Map<String, @Nullable Object> paths) {
    void add(
        String path,
        String method,
        String action,
        GroupVersionKind kind,
        @Nullable Schema<?> answer,
        @Nullable Schema<?> body,
        boolean namespaced) {
      @SuppressWarnings("unchecked") // What is put there is such a map.
      Map<String, @Nullable Object> item =
          (Map<String, @Nullable Object>) paths.computeIfAbsent(path, p -> item(p, namespaced));
      Map<String, @Nullable Object> operation = new LinkedHashMap<>();
      operation.put("description", action + " " + kind.kind());
      operation.put("operationId", id(path, method));
      List<Object> parameters = new ArrayList<>();
      if (Set.of("post", "put", "patch").contains(action)) {
        for (String name : List.of("dryRun", "fieldManager", "fieldValidation")) {
          parameters.add(query(name, "string"));
        }
        if (action.equals("patch")) {
          parameters.add(query("force", "boolean"));
        }
      }
      if (action.equals("list")) {
        for (String name :
            List.of("continue", "fieldSelector", "labelSelector", "resourceVersion")) {
          parameters.add(query(name, "string"));
        }
        parameters.add(query("limit", "integer"));
        parameters.add(query("watch", "boolean"));
      }
      Map<String, @Nullable Object> sent =
          action.equals("patch") ? c.patch() : body == null ? null : c.ref(body);
      if (sent != null && v3) {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        for (String type :
            action.equals("patch")
                ? patches(answer)
                : List.of("*/*")) {
          content.put(type, tree("schema", sent));
        }
        operation.put("requestBody", tree("content", content, "required", true));
      } else if (sent != null) {
        parameters.add(tree("name", "body", "in", "body", "required", true, "schema", sent));
      }
      if (!parameters.isEmpty()) {
        operation.put("parameters", parameters);
      }
      Map<String, @Nullable Object> ok = tree("description", "OK");
      if (answer != null) {
        Map<String, @Nullable Object> schema = c.ref(answer);
        if (v3) {
          ok.put("content", tree("application/json", tree("schema", schema)));
        } else {
          ok.put("schema", schema);
        }
      }
      operation.put("responses", tree("200", ok, "401", tree("description", "Unauthorized")));
      operation.put("x-kubernetes-action", action);
      operation.put(
          "x-kubernetes-group-version-kind",
          tree("group", kind.group(), "version", kind.version(), "kind", kind.kind()));
      item.put(method, operation);
    }

    /** Nobody knows how lists of a custom kind are merged, but for server-side apply. */
    private static List<String> patches(@Nullable Schema<?> of) {
      List<String> types =
          List.of(
              "application/apply-patch+yaml",
              "application/json-patch+json",
              "application/merge-patch+json",
              "application/strategic-merge-patch+json");
      return of != null && of.open() ? types.subList(0, 3) : types;
    }

    private Map<String, @Nullable Object> item(String path, boolean namespaced) {
      List<Object> parameters = new ArrayList<>();
      if (path.contains("{name}")) {
        parameters.add(inPath("name"));
      }
      if (namespaced) {
        parameters.add(inPath("namespace"));
      }
      Map<String, @Nullable Object> item = new LinkedHashMap<>();
      if (!parameters.isEmpty()) {
        item.put("parameters", parameters);
      }
      return item;
    }

    private Map<String, @Nullable Object> inPath(String name) {
      Map<String, @Nullable Object> p = tree("name", name, "in", "path", "required", true);
      return typed(p, "string");
    }

    private Map<String, @Nullable Object> query(String name, String type) {
      return typed(tree("name", name, "in", "query"), type);
    }

    private Map<String, @Nullable Object> typed(Map<String, @Nullable Object> p, String type) {
      if (v3) {
        p.put("schema", tree("type", type, "uniqueItems", true));
      } else {
        p.put("type", type);
        p.put("uniqueItems", true);
      }
      return p;
    }

    /** Unique in a document; upstream's are made of words, these of the path. */
    private static String id(String path, String method) {
      StringBuilder id = new StringBuilder(method);
      for (String part : path.split("[^A-Za-z0-9]+", -1)) {
        if (!part.isEmpty()) {
          id.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
        }
      }
      return id.toString();
    }
  }
}
