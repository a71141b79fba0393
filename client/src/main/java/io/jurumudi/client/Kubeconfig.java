package io.jurumudi.client;

import io.jurumudi.api.util.Bytes;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A kubeconfig file: clusters, users, and contexts that join the two. Immutable; what this class
 * does not know in a file stays in it.
 */
public final class Kubeconfig {
  private final Map<String, @Nullable Object> tree;

  private Kubeconfig(Map<String, @Nullable Object> tree) {
    this.tree = tree;
  }

  /** A kubeconfig with nothing in it. */
  public static Kubeconfig empty() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("apiVersion", "v1");
    tree.put("kind", "Config");
    return new Kubeconfig(tree);
  }

  /**
   * Reads a kubeconfig from YAML or JSON.
   *
   * @throws io.jurumudi.api.schema.DecodeException when it is neither
   */
  public static Kubeconfig parse(byte[] yaml) {
    Object tree = Yaml.toTree(yaml);
    return tree instanceof Map ? new Kubeconfig(Trees.map(tree)) : empty();
  }

  /** Reads a file; one that is not there is empty. */
  public static Kubeconfig read(Path file) throws IOException {
    try {
      return parse(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return empty();
    }
  }

  /** The file that kubectl uses: the first of KUBECONFIG, else ~/.kube/config. */
  public static Path defaultFile(Map<String, String> environment) {
    String variable = environment.getOrDefault("KUBECONFIG", "");
    for (String path : variable.split(":", -1)) {
      if (!path.isEmpty()) {
        return Path.of(path);
      }
    }
    return Path.of(environment.getOrDefault("HOME", "/root"), ".kube", "config");
  }

  /** The name of the context that is used when none is named; empty when there is none. */
  public String currentContext() {
    return Trees.string(tree, "current-context");
  }

  /** The names of all contexts. */
  public List<String> contexts() {
    return entries(tree, "contexts").stream().map(e -> Trees.string(e, "name")).toList();
  }

  /**
   * How to connect under a context; empty when it does not exist or is incomplete.
   *
   * @param directory what relative file names start from
   * @throws IOException when a file it names cannot be read
   */
  public Optional<Connection> connection(String context, Path directory) throws IOException {
    Object found = Trees.at(find("contexts", context), "context");
    Object cluster = Trees.at(find("clusters", Trees.string(found, "cluster")), "cluster");
    Object user = Trees.at(find("users", Trees.string(found, "user")), "user");
    String server = Trees.string(cluster, "server");
    if (server.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Connection(
            URI.create(server),
            data(cluster, "certificate-authority", directory),
            data(user, "client-certificate", directory),
            data(user, "client-key", directory),
            Trees.string(user, "token")));
  }

  private static Bytes data(@Nullable Object tree, String field, Path directory)
      throws IOException {
    String inline = Trees.string(tree, field + "-data");
    if (!inline.isEmpty()) {
      return Bytes.of(Base64.getMimeDecoder().decode(inline));
    }
    String file = Trees.string(tree, field);
    return file.isEmpty() ? Bytes.EMPTY : Bytes.of(Files.readAllBytes(directory.resolve(file)));
  }

  /**
   * The kubeconfig with a context, cluster and user of that name, in place of those of the same
   * name if there are any.
   *
   * @param makeCurrent whether it becomes the current context
   */
  public Kubeconfig with(String name, Connection connection, boolean makeCurrent) {
    Map<String, @Nullable Object> cluster = new LinkedHashMap<>();
    putData(cluster, "certificate-authority-data", connection.certificateAuthority());
    cluster.put("server", connection.server().toString());
    Map<String, @Nullable Object> user = new LinkedHashMap<>();
    putData(user, "client-certificate-data", connection.clientCertificate());
    putData(user, "client-key-data", connection.clientKey());
    if (!connection.token().isEmpty()) {
      user.put("token", connection.token());
    }
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    context.put("cluster", name);
    context.put("user", name);
    Map<String, @Nullable Object> copy = Trees.map(Objects.requireNonNull(Trees.copy(tree)));
    set(copy, "clusters", name, "cluster", cluster);
    set(copy, "contexts", name, "context", context);
    set(copy, "users", name, "user", user);
    if (makeCurrent) {
      copy.put("current-context", name);
    }
    return new Kubeconfig(copy);
  }

  private static void putData(Map<String, @Nullable Object> map, String field, Bytes data) {
    if (!data.isEmpty()) {
      map.put(field, Base64.getEncoder().encodeToString(data.toArray()));
    }
  }

  private static void set(
      Map<String, @Nullable Object> tree,
      String list,
      String name,
      String field,
      Map<String, @Nullable Object> value) {
    List<@Nullable Object> entries = new ArrayList<>(entries(tree, list));
    entries.removeIf(e -> Trees.string(e, "name").equals(name));
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("name", name);
    entry.put(field, value);
    entries.add(entry);
    tree.put(list, entries);
  }

  /** The kubeconfig without the context, cluster and user of that name. */
  public Kubeconfig without(String name) {
    Map<String, @Nullable Object> copy = Trees.map(Objects.requireNonNull(Trees.copy(tree)));
    for (String list : List.of("clusters", "contexts", "users")) {
      List<@Nullable Object> entries = new ArrayList<>(entries(copy, list));
      if (entries.removeIf(e -> Trees.string(e, "name").equals(name))) {
        copy.put(list, entries);
      }
    }
    if (currentContext().equals(name)) {
      copy.put("current-context", "");
    }
    return new Kubeconfig(copy);
  }

  private @Nullable Object find(String list, String name) {
    for (Object entry : entries(tree, list)) {
      if (Trees.string(entry, "name").equals(name)) {
        return entry;
      }
    }
    return null;
  }

  private static List<@Nullable Object> entries(Map<String, @Nullable Object> tree, String list) {
    return tree.get(list) instanceof List<?> entries ? Trees.list(entries) : List.of();
  }

  /** The kubeconfig as YAML. */
  public byte[] toYaml() {
    return Yaml.write(tree).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes the file, readable by its owner only, at once as a whole: a reader never sees half of
   * it. One whose name ends with .json is written as JSON.
   */
  public void write(Path file) throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path directory = Objects.requireNonNull(target.getParent());
    Files.createDirectories(directory);
    Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
    Path fresh =
        Files.createTempFile(
            directory, ".config", ".new", PosixFilePermissions.asFileAttribute(owner));
    try {
      Files.write(fresh, file.toString().endsWith(".json") ? Yaml.toJson(toYaml()) : toYaml());
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
