package io.jurumudi.apiserver.discovery;

import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The groups of other servers in the words of discovery. */
final class RemoteDiscovery {
  private RemoteDiscovery() {}

  static SortedSet<String> groups(List<RemoteVersion> remotes) {
    SortedSet<String> names = new TreeSet<>();
    remotes.forEach(remote -> names.add(remote.version().group()));
    return names;
  }

  private static List<RemoteVersion> versions(String group, List<RemoteVersion> remotes) {
    return remotes.stream()
        .filter(remote -> remote.version().group().equals(group))
        .sorted(
            Comparator.comparing(
                remote -> remote.version().version(), KubeVersions.PREFERRED_FIRST))
        .toList();
  }

  /** As an APIGroup without its kind. */
  static Map<String, @Nullable Object> group(String name, List<RemoteVersion> remotes) {
    List<Object> versions = new ArrayList<>();
    for (RemoteVersion remote : versions(name, remotes)) {
      Map<String, @Nullable Object> version = new LinkedHashMap<>();
      version.put("groupVersion", remote.version().apiVersion());
      version.put("version", remote.version().version());
      versions.add(version);
    }
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    tree.put("versions", versions);
    tree.put("preferredVersion", versions.getFirst());
    return tree;
  }

  /** As an APIGroupDiscovery. */
  static Map<String, @Nullable Object> aggregated(String name, List<RemoteVersion> remotes) {
    List<Object> versions = new ArrayList<>();
    for (RemoteVersion remote : versions(name, remotes)) {
      Map<String, @Nullable Object> version = new LinkedHashMap<>();
      version.put("version", remote.version().version());
      version.put("resources", resources(remote));
      version.put("freshness", "Current");
      versions.add(version);
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    metadata.put("name", name);
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("metadata", metadata);
    tree.put("versions", versions);
    return tree;
  }

  private static List<Object> resources(RemoteVersion remote) {
    Map<String, Map<String, @Nullable Object>> byName = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> one : remote.resources()) {
      String name = Trees.string(one, "name");
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      Map<String, @Nullable Object> kind = new LinkedHashMap<>();
      kind.put("group", said(one, "group", remote.version().group()));
      kind.put("version", said(one, "version", remote.version().version()));
      kind.put("kind", Trees.string(one, "kind"));
      int slash = name.indexOf('/');
      tree.put(slash < 0 ? "resource" : "subresource", name.substring(slash + 1));
      tree.put("responseKind", kind);
      if (slash < 0) {
        tree.put("scope", Boolean.TRUE.equals(one.get("namespaced")) ? "Namespaced" : "Cluster");
        tree.put("singularResource", Trees.string(one, "singularName"));
      }
      tree.put("verbs", one.getOrDefault("verbs", List.of()));
      for (String list : List.of("shortNames", "categories")) {
        if (one.get(list) != null) {
          tree.put(list, one.get(list));
        }
      }
      Map<String, @Nullable Object> parent =
          slash < 0 ? null : byName.get(name.substring(0, slash));
      if (parent != null) {
        Trees.list(parent.computeIfAbsent("subresources", key -> new ArrayList<>())).add(tree);
      } else if (slash < 0) {
        byName.put(name, tree);
      }
    }
    return new ArrayList<>(byName.values());
  }

  private static String said(Map<String, @Nullable Object> tree, String field, String otherwise) {
    String text = Trees.string(tree, field);
    return text.isEmpty() ? otherwise : text;
  }
}
