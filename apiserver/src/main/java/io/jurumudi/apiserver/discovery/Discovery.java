package io.jurumudi.apiserver.discovery;

import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.Subresource;
import io.jurumudi.apiserver.front.Paths;
import io.jurumudi.apiserver.front.Responses;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Discovery, plain (a document a group and version) and aggregated (one document for all). */
public final class Discovery {
  private final Catalog catalog;
  private final Supplier<String> address;
  private volatile @Nullable Aggregated core;
  private volatile @Nullable Aggregated groups;

  @SuppressWarnings("ArrayRecordComponent")
  private record Aggregated(byte[] json, String etag) {}

  /**
   * @param address of this server, for clients of the oldest kind
   */
  public Discovery(Catalog catalog, Supplier<String> address) {
    this.catalog = catalog;
    this.address = address;
  }

  public void addTo(Paths paths) {
    paths.at("/api", this::core);
    paths.at("/apis", this::groups);
    for (GroupVersion gv : catalog.groupVersions()) {
      String base = gv.group().isEmpty() ? "/api/" : "/apis/" + gv.group() + "/";
      paths.at(base + gv.version(), exchange -> resources(exchange, gv));
      if (!gv.group().isEmpty()) {
        paths.at("/apis/" + gv.group(), exchange -> group(exchange, gv.group()));
      }
    }
  }

  private void core(HttpExchange exchange) {
    String version = aggregatedVersion(exchange);
    if (version != null) {
      Aggregated document = core;
      if (document == null) {
        document = aggregate(List.of(""));
        core = document;
      }
      respond(exchange, document, version);
      return;
    }
    Responses.json(
        exchange,
        json(
            map(
                "kind", "APIVersions",
                "versions", List.of("v1"),
                "serverAddressByClientCIDRs",
                    List.of(map("clientCIDR", "0.0.0.0/0", "serverAddress", address.get())))));
  }

  private void groups(HttpExchange exchange) {
    String version = aggregatedVersion(exchange);
    if (version != null) {
      Aggregated document = groups;
      if (document == null) {
        document = aggregate(groupNames());
        groups = document;
      }
      respond(exchange, document, version);
      return;
    }
    List<Object> all = new ArrayList<>();
    groupNames().forEach(name -> all.add(groupTree(name)));
    Responses.json(exchange, json(map("kind", "APIGroupList", "apiVersion", "v1", "groups", all)));
  }

  private List<String> groupNames() {
    return catalog.groupVersions().stream()
        .map(GroupVersion::group)
        .filter(g -> !g.isEmpty())
        .distinct()
        .toList();
  }

  /** v2 or v2beta1 when the client would rather have the aggregated document; else null. */
  private static @Nullable String aggregatedVersion(HttpExchange exchange) {
    for (String element : exchange.headers().elements("Accept")) {
      String plain = element.replace(" ", "");
      if (plain.startsWith("application/json")) {
        boolean list = plain.contains("as=APIGroupDiscoveryList");
        if (!list) {
          return null;
        }
        if (plain.contains("g=apidiscovery.k8s.io")) {
          return plain.contains("v=v2beta1") ? "v2beta1" : "v2";
        }
      }
    }
    return null;
  }

  private static void respond(HttpExchange exchange, Aggregated document, String version) {
    Headers headers =
        Headers.of(
            "Cache-Control",
            "public",
            "Content-Type",
            "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList",
            "ETag",
            document.etag(),
            "Vary",
            "Accept");
    if (document.etag().equals(exchange.headers().get("If-None-Match", ""))) {
      exchange.respond(304, headers, new byte[0]);
      return;
    }
    byte[] body = document.json();
    if (version.equals("v2beta1")) {
      body =
          new String(body, StandardCharsets.UTF_8)
              .replaceFirst("apidiscovery.k8s.io/v2\"", "apidiscovery.k8s.io/v2beta1\"")
              .getBytes(StandardCharsets.UTF_8);
    }
    exchange.respond(200, headers, body);
  }

  private Aggregated aggregate(List<String> names) {
    List<Object> items = new ArrayList<>();
    for (String name : names) {
      List<Object> versions = new ArrayList<>();
      for (GroupVersion gv : versions(name)) {
        List<Object> resources = new ArrayList<>();
        served(gv).forEach(one -> resources.add(aggregatedResource(one.type())));
        versions.add(map("version", gv.version(), "resources", resources, "freshness", "Current"));
      }
      Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
      if (!name.isEmpty()) {
        metadata.put("name", name);
      }
      metadata.put("creationTimestamp", null);
      items.add(map("metadata", metadata, "versions", versions));
    }
    byte[] document =
        json(
            map(
                "kind",
                "APIGroupDiscoveryList",
                "apiVersion",
                "apidiscovery.k8s.io/v2",
                "metadata",
                map(),
                "items",
                items));
    return new Aggregated(document, "\"" + hash(document) + "\"");
  }

  private static Map<String, @Nullable Object> aggregatedResource(ResourceType<?> type) {
    Map<String, @Nullable Object> tree =
        map(
            "resource", type.plural(),
            "responseKind", kind(type.groupVersionKind()),
            "scope", type.namespaced() ? "Namespaced" : "Cluster",
            "singularResource", type.singular(),
            "verbs", sorted(type.verbs()));
    if (!type.shortNames().isEmpty()) {
      tree.put("shortNames", type.shortNames());
    }
    if (!type.categories().isEmpty()) {
      tree.put("categories", type.categories());
    }
    List<Object> subresources = new ArrayList<>();
    for (Subresource s : type.subresources()) {
      subresources.add(
          map(
              "subresource", s.name(),
              "responseKind", kind(s.kind()),
              "verbs", sorted(s.verbs())));
    }
    if (!subresources.isEmpty()) {
      tree.put("subresources", subresources);
    }
    return tree;
  }

  private static Object kind(GroupVersionKind kind) {
    return map("group", kind.group(), "version", kind.version(), "kind", kind.kind());
  }

  private void group(HttpExchange exchange, String name) {
    Map<String, @Nullable Object> tree = map("kind", "APIGroup", "apiVersion", "v1");
    tree.putAll(groupTree(name));
    Responses.json(exchange, json(tree));
  }

  private Map<String, @Nullable Object> groupTree(String name) {
    List<Object> versions = new ArrayList<>();
    for (GroupVersion gv : versions(name)) {
      versions.add(map("groupVersion", gv.apiVersion(), "version", gv.version()));
    }
    return map("name", name, "versions", versions, "preferredVersion", versions.getFirst());
  }

  private List<GroupVersion> versions(String group) {
    return catalog.groupVersions().stream()
        .filter(gv -> gv.group().equals(group))
        .sorted(Comparator.comparing((GroupVersion gv) -> gv.version()).reversed())
        .toList();
  }

  private List<Served> served(GroupVersion gv) {
    List<Served> all = new ArrayList<>(catalog.in(gv));
    all.sort(Comparator.comparing(one -> one.type().plural()));
    return all;
  }

  private void resources(HttpExchange exchange, GroupVersion gv) {
    List<Object> resources = new ArrayList<>();
    for (Served one : served(gv)) {
      ResourceType<?> type = one.type();
      Map<String, @Nullable Object> tree =
          map(
              "name", type.plural(),
              "singularName", type.singular(),
              "namespaced", type.namespaced(),
              "kind", type.kind(),
              "verbs", sorted(type.verbs()));
      if (!type.shortNames().isEmpty()) {
        tree.put("shortNames", type.shortNames());
      }
      if (!type.categories().isEmpty()) {
        tree.put("categories", type.categories());
      }
      if (one instanceof Served.Kept<?, ?>) {
        tree.put("storageVersionHash", storageHash(type));
      }
      resources.add(tree);
      for (Subresource s : type.subresources()) {
        resources.add(subresource(type, s));
      }
    }
    Responses.json(
        exchange,
        json(
            map(
                "kind",
                "APIResourceList",
                "apiVersion",
                "v1",
                "groupVersion",
                gv.apiVersion(),
                "resources",
                resources)));
  }

  private static Object subresource(ResourceType<?> type, Subresource s) {
    Map<String, @Nullable Object> tree =
        map(
            "name", type.plural() + "/" + s.name(),
            "singularName", "",
            "namespaced", type.namespaced(),
            "kind", s.kind().kind(),
            "verbs", sorted(s.verbs()));
    if (!s.kind().group().equals(type.group()) || !s.kind().version().equals(type.version())) {
      tree.put("group", s.kind().group());
      tree.put("version", s.kind().version());
    }
    return tree;
  }

  private static String storageHash(ResourceType<?> type) {
    byte[] digest = sha("SHA-256", type.apiVersion() + "/" + type.kind() + "/" + type.plural());
    return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, Long.BYTES));
  }

  private static List<String> sorted(Collection<String> verbs) {
    return verbs.stream().sorted().toList();
  }

  /** A tree from keys and values in turn. */
  private static Map<String, @Nullable Object> map(Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static byte[] json(Map<String, @Nullable Object> tree) {
    return Trees.writeJson(tree);
  }

  public static String hash(byte[] document) {
    return HexFormat.of().withUpperCase().formatHex(sha("SHA-512", document));
  }

  private static byte[] sha(String algorithm, String text) {
    return sha(algorithm, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sha(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
