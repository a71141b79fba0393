package io.jurumudi.apiserver.request;

import io.jurumudi.machinery.selectors.FieldSelectors;
import io.jurumudi.machinery.selectors.SelectorSyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a request's method, path and query say. Facts: k8s.io/apiserver
 * pkg/endpoints/request/requestinfo.go.
 *
 * @param resourceRequest whether the path names a resource of an API group
 * @param verb get list watch create update patch delete deletecollection; for other paths the
 *     method in lower case
 * @param group empty for the core group
 * @param namespace empty for cluster-wide requests
 * @param name empty when no object is named
 * @param rest what follows the subresource (the path behind a proxy), without a leading slash
 */
public record RequestInfo(
    boolean resourceRequest,
    String path,
    String verb,
    String group,
    String version,
    String namespace,
    String resource,
    String subresource,
    String name,
    String rest) {
  private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

  /**
   * @param path undecoded
   */
  public static RequestInfo of(String method, String path, Query query) {
    List<String> parts = split(path);
    int version;
    String group;
    if (parts.size() >= 3 && parts.get(0).equals("api")) {
      group = "";
      version = 1;
    } else if (parts.size() >= 4 && parts.get(0).equals("apis")) {
      group = parts.get(1);
      version = 2;
    } else {
      return plain(method, path);
    }
    List<String> tail = parts.subList(version + 1, parts.size());
    String verb =
        switch (method) {
          case "POST" -> "create";
          case "GET", "HEAD" -> "get";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          case "DELETE" -> "delete";
          default -> "";
        };
    if (!tail.isEmpty() && tail.getFirst().equals("watch") && tail.size() > 1) {
      verb = "watch";
      tail = tail.subList(1, tail.size());
    }
    String namespace = "";
    if (tail.getFirst().equals("namespaces") && tail.size() > 1) {
      namespace = tail.get(1);
      if (tail.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(tail.get(2))) {
        tail = tail.subList(2, tail.size());
      }
    }
    String resource = tail.getFirst();
    String name = tail.size() > 1 ? tail.get(1) : "";
    String subresource = tail.size() > 2 ? tail.get(2) : "";
    String rest = tail.size() > 3 ? String.join("/", tail.subList(3, tail.size())) : "";
    if (name.isEmpty() && (verb.equals("get") || verb.equals("watch"))) {
      boolean watch = verb.equals("watch") || query.flag("watch");
      verb = watch ? "watch" : "list";
      name = nameInSelector(query);
    } else if (name.isEmpty() && verb.equals("delete")) {
      verb = "deletecollection";
    } else if (verb.equals("get") && query.flag("watch") && subresource.isEmpty()) {
      // GET of one object with ?watch is not a watch upstream either: the option is ignored.
      verb = "get";
    }
    return new RequestInfo(
        true, path, verb, group, parts.get(version), namespace, resource, subresource, name, rest);
  }

  private static RequestInfo plain(String method, String path) {
    return new RequestInfo(
        false, path, method.toLowerCase(Locale.ROOT), "", "", "", "", "", "", "");
  }

  /** A list or watch of metadata.name=x is authorized as one of the object x. */
  public static String nameInSelector(Query query) {
    String selector = query.get("fieldSelector");
    if (selector.isEmpty()) {
      return "";
    }
    try {
      return FieldSelectors.parse(selector).requiresExactMatch("metadata.name").orElse("");
    } catch (SelectorSyntaxException e) {
      return "";
    }
  }

  private static List<String> split(String path) {
    List<String> parts = new ArrayList<>(8);
    for (String part : path.split("/", -1)) {
      if (!part.isEmpty()) {
        parts.add(
            part.indexOf('%') < 0 && part.indexOf('+') < 0
                ? part
                : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
      }
    }
    return parts;
  }
}
