package io.jurumudi.apiserver.openapi;

import static io.jurumudi.apiserver.openapi.Components.tree;

import io.jurumudi.api.meta.GroupVersion;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
   * @param version of what is served, as in "1.36"
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
    paths.listed(() -> names(catalogs.get()).stream().map(name -> "/openapi/v3/" + name).toList());
  }

  /** The names of all documents of version 3. */
  private static Set<String> names(Catalog catalog) {
    Set<String> names =
        new TreeSet<>(
            List.of("api", "apis", "version", GeneralOperations.ISSUER, GeneralOperations.KEYS));
    for (GroupVersion gv : catalog.groupVersions()) {
      names.add(path(gv));
      if (!gv.group().isEmpty()) {
        names.add("apis/" + gv.group());
      }
    }
    return names;
  }

  private void version3(HttpExchange exchange) {
    String name = exchange.path().substring("/openapi/v3/".length());
    if (names(catalogs.get()).contains(name)) {
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
    for (String name : names(catalog)) {
      paths.put(
          name, tree("serverRelativeURL", "/openapi/v3/" + name + "?hash=" + hash(catalog, name)));
    }
    Responses.json(exchange, Trees.writeJson(tree("paths", paths)));
  }

  private String hash(Catalog catalog, String name) {
    String content = version + name + of(catalog, name).stream().map(OpenApi::identity).toList();
    return Discovery.hash(content.getBytes(StandardCharsets.UTF_8));
  }

  private static String identity(Served one) {
    String revision =
        one instanceof Served.Kept<?, ?> kept
            ? kept.resource().definition().map(Definition::revision).orElse("")
            : "";
    return one.type().plural() + revision;
  }

  private static List<Served> of(Catalog catalog, String name) {
    List<Served> of = new ArrayList<>();
    for (GroupVersion gv : catalog.groupVersions()) {
      if (name.equals(V2) || path(gv).equals(name)) {
        of.addAll(catalog.in(gv));
      }
    }
    return of;
  }

  private Document document(String name) {
    List<Served> of = of(catalogs.get(), name);
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
    for (Served one : all) {
      if (one instanceof Served.Kept<?, ?> kept) {
        kept.resource()
            .definition()
            .ifPresent(definition -> components.define(kept.type().schema(), definition));
      }
    }
    List<Operation> operations = v3 ? general(name) : general();
    ResourceOperations resources = new ResourceOperations(operations);
    all.forEach(resources::add);
    Map<String, @Nullable Object> paths = new PathItems(components, operations).all();
    Map<String, @Nullable Object> schemas = components.all();
    Map<String, @Nullable Object> security =
        tree(
            "BearerToken",
            tree(
                "type", "apiKey",
                "description", "Bearer Token authentication",
                "name", "authorization",
                "in", "header"));
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put(v3 ? "openapi" : "swagger", v3 ? "3.0.0" : "2.0");
    document.put("info", tree("title", "Kubernetes", "version", version));
    document.put("paths", paths);
    if (v3) {
      Map<String, @Nullable Object> parts = new LinkedHashMap<>();
      if (!schemas.isEmpty()) {
        parts.put("schemas", schemas);
      }
      parts.put("securitySchemes", security);
      document.put("components", parts);
    } else {
      document.put("definitions", schemas);
      document.put("parameters", SharedParameters.takeFrom(paths));
      document.put("securityDefinitions", security);
      document.put("security", List.of(tree("BearerToken", List.of())));
    }
    return document;
  }

  /** What a document of version 3 has beside resources. */
  private List<Operation> general(String name) {
    List<Operation> operations = new ArrayList<>();
    switch (name) {
      case "api" -> operations.add(GeneralOperations.coreVersions());
      case "apis" -> operations.add(GeneralOperations.groups());
      case "version" -> operations.add(GeneralOperations.version());
      case GeneralOperations.ISSUER -> operations.add(GeneralOperations.issuer());
      case GeneralOperations.KEYS -> operations.add(GeneralOperations.keys());
      default -> {
        Catalog catalog = catalogs.get();
        for (GroupVersion gv : catalog.groupVersions()) {
          if (path(gv).equals(name)) {
            operations.add(GeneralOperations.resources(gv));
          } else if (name.equals("apis/" + gv.group()) && operations.isEmpty()) {
            operations.add(GeneralOperations.group(gv.group()));
          }
        }
      }
    }
    return operations;
  }

  /** What the document of version 2 has beside resources. */
  private List<Operation> general() {
    List<Operation> operations = new ArrayList<>();
    names(catalogs.get()).forEach(name -> operations.addAll(general(name)));
    return operations;
  }
}
