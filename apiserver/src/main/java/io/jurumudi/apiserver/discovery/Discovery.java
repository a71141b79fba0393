package io.jurumudi.apiserver.discovery;

import io.jurumudi.api.Resources;
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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Discovery, plain (a document a group and version) and aggregated (one document for all). */
public final class Discovery {
  private final Supplier<Catalog> catalogs;
  private final Supplier<List<RemoteVersion>> remotes;
  private final Supplier<String> address;
  private volatile @Nullable Documents documents;

  /** What was made of a catalog; made again when another one is served. */
  private record Documents(
      Catalog catalog, List<RemoteVersion> remotes, Aggregated core, Aggregated groups) {}

  /** Upstream's own order of its groups; others come behind. */
  private static final Map<String, Integer> ORDER = order();

  private static Map<String, Integer> order() {
    Map<String, Integer> order = new HashMap<>();
    for (ResourceType<?> type : Resources.ALL) {
      order.putIfAbsent(type.group(), order.size());
    }
    return Map.copyOf(order);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Aggregated(byte[] json, String etag) {}

  /**
   * @param catalogs what is served at present; asked at each request
   * @param remotes group versions that other servers answer for
   * @param address of this server, for clients of the oldest kind
   */
  public Discovery(
      Supplier<Catalog> catalogs, Supplier<List<RemoteVersion>> remotes, Supplier<String> address) {
    this.catalogs = catalogs;
    this.remotes = remotes;
    this.address = address;
  }

  public void addTo(Paths paths) {
    paths.at("/api", this::core);
    paths.at("/apis", this::groups);
    paths.below("/api/", this::below);
    paths.below("/apis/", this::below);
    paths.listed(() -> paths(catalogs.get()));
  }

  private static Set<String> paths(Catalog catalog) {
    Set<String> paths = new TreeSet<>();
    for (GroupVersion gv : catalog.groupVersions()) {
      if (gv.group().isEmpty()) {
        paths.add("/api/" + gv.version());
      } else {
        paths.add("/apis/" + gv.group());
        paths.add("/apis/" + gv.apiVersion());
      }
    }
    return paths;
  }

  /** A group, or a version of one. */
  private void below(HttpExchange exchange) {
    Catalog catalog = catalogs.get();
    String path = exchange.path();
    String[] parts = path.substring(1).split("/", 0);
    if (parts[0].equals("api") && parts.length == 2) {
      GroupVersion gv = new GroupVersion("", parts[1]);
      if (catalog.serves(gv)) {
        resources(exchange, catalog, gv);
        return;
      }
    } else if (parts[0].equals("apis") && parts.length == 2 && catalog.servesGroup(parts[1])) {
      group(exchange, catalog, parts[1]);
      return;
    } else if (parts[0].equals("apis")
        && parts.length == 2
        && RemoteDiscovery.groups(remotes.get()).contains(parts[1])) {
      Map<String, @Nullable Object> tree = map("kind", "APIGroup", "apiVersion", "v1");
      tree.putAll(RemoteDiscovery.group(parts[1], remotes.get()));
      Responses.json(exchange, json(tree));
      return;
    } else if (parts[0].equals("apis") && parts.length == 3) {
      GroupVersion gv = new GroupVersion(parts[1], parts[2]);
      if (catalog.serves(gv)) {
        resources(exchange, catalog, gv);
        return;
      }
    }
    exchange.respondText(404, "404 page not found");
  }

  private Documents documents() {
    Catalog catalog = catalogs.get();
    Documents made = documents;
    List<RemoteVersion> others = remotes.get();
    if (made == null || made.catalog() != catalog || !made.remotes().equals(others)) {
      made =
          new Documents(
              catalog,
              others,
              aggregate(catalog, List.of(""), List.of()),
              aggregate(catalog, groupNames(catalog), others));
      documents = made;
    }
    return made;
  }

  private void core(HttpExchange exchange) {
    String version = aggregatedVersion(exchange);
    if (version != null) {
      respond(exchange, documents().core(), version);
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
      respond(exchange, documents().groups(), version);
      return;
    }
    List<Object> all = new ArrayList<>();
    Catalog catalog = catalogs.get();
    groupNames(catalog).forEach(name -> all.add(groupTree(catalog, name)));
    for (String group : RemoteDiscovery.groups(remotes.get())) {
      if (!catalog.servesGroup(group)) {
        all.add(RemoteDiscovery.group(group, remotes.get()));
      }
    }
    Responses.json(exchange, json(map("kind", "APIGroupList", "apiVersion", "v1", "groups", all)));
  }

  private static List<String> groupNames(Catalog catalog) {
    return catalog.groupVersions().stream()
        .map(GroupVersion::group)
        .filter(g -> !g.isEmpty())
        .distinct()
        .sorted(Comparator.comparing(g -> ORDER.getOrDefault(g, ORDER.size())))
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

  private static Aggregated aggregate(
      Catalog catalog, List<String> names, List<RemoteVersion> remotes) {
    List<Object> items = new ArrayList<>();
    for (String name : names) {
      List<Object> versions = new ArrayList<>();
      for (GroupVersion gv : versions(catalog, name)) {
        List<Object> resources = new ArrayList<>();
        served(catalog, gv).forEach(one -> resources.add(aggregatedResource(one)));
        versions.add(map("version", gv.version(), "resources", resources, "freshness", "Current"));
      }
      Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
      if (!name.isEmpty()) {
        metadata.put("name", name);
      }
      items.add(map("metadata", metadata, "versions", versions));
    }
    for (String group : RemoteDiscovery.groups(remotes)) {
      if (!catalog.servesGroup(group)) {
        items.add(RemoteDiscovery.aggregated(group, remotes));
      }
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

  private static Map<String, @Nullable Object> aggregatedResource(Served one) {
    ResourceType<?> type = one.type();
    // Kinds of the same group and version go without saying; upstream says them of custom kinds.
    boolean custom =
        one instanceof Served.Kept<?, ?> kept && kept.resource().definition().isPresent();
    GroupVersion here =
        custom ? new GroupVersion("", "") : new GroupVersion(type.group(), type.version());
    Map<String, @Nullable Object> tree =
        map(
            "resource", type.plural(),
            "responseKind", kind(type.groupVersionKind(), here),
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
              "responseKind", kind(s.kind(), here),
              "verbs", sorted(s.verbs())));
    }
    if (!subresources.isEmpty()) {
      tree.put("subresources", subresources);
    }
    return tree;
  }

  private static Object kind(GroupVersionKind kind, GroupVersion here) {
    if (kind.group().equals(here.group()) && kind.version().equals(here.version())) {
      return map("group", "", "version", "", "kind", kind.kind());
    }
    return map("group", kind.group(), "version", kind.version(), "kind", kind.kind());
  }

  private static void group(HttpExchange exchange, Catalog catalog, String name) {
    Map<String, @Nullable Object> tree = map("kind", "APIGroup", "apiVersion", "v1");
    tree.putAll(groupTree(catalog, name));
    Responses.json(exchange, json(tree));
  }

  private static Map<String, @Nullable Object> groupTree(Catalog catalog, String name) {
    List<Object> versions = new ArrayList<>();
    for (GroupVersion gv : versions(catalog, name)) {
      versions.add(map("groupVersion", gv.apiVersion(), "version", gv.version()));
    }
    return map("name", name, "versions", versions, "preferredVersion", versions.getFirst());
  }

  private static List<GroupVersion> versions(Catalog catalog, String group) {
    return catalog.groupVersions().stream()
        .filter(gv -> gv.group().equals(group))
        .sorted(Comparator.comparing(GroupVersion::version, KubeVersions.PREFERRED_FIRST))
        .toList();
  }

  private static List<Served> served(Catalog catalog, GroupVersion gv) {
    List<Served> all = new ArrayList<>(catalog.in(gv));
    all.sort(Comparator.comparing(one -> one.type().plural()));
    return all;
  }

  private static void resources(HttpExchange exchange, Catalog catalog, GroupVersion gv) {
    List<Object> resources = new ArrayList<>();
    for (Served one : served(catalog, gv)) {
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
      if (one instanceof Served.Kept<?, ?> kept && kept.resource().computed().isEmpty()) {
        tree.put("storageVersionHash", storageHash(kept.resource().type()));
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
    byte[] digest = sha("SHA-256", type.group() + "/" + type.version() + "/" + type.kind());
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
