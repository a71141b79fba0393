package io.jurumudi.cluster;

import io.jurumudi.runtime.EngineConfig;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Properties;

/**
 * What was decided about a cluster when it was made, and holds for as long as it exists.
 *
 * @param data absolute path of its data directory
 * @param index which addresses it uses, see {@link AddressPlan}
 * @param apiPort the API server's
 * @param workers nodes beside the first, each an agent process on this machine
 * @param runtimeConfig versions of the API that are served besides the stable ones, as {@link
 *     io.jurumudi.apiserver.registry.RuntimeConfig} reads it
 */
public record ClusterSettings(
    String name, Path data, int index, int apiPort, int workers, String runtimeConfig) {
  /** With the stable versions of the API alone. */
  public ClusterSettings(String name, Path data, int index, int apiPort, int workers) {
    this(name, data, index, apiPort, workers, "");
  }

  public ClusterSettings withWorkers(int count) {
    return new ClusterSettings(name, data, index, apiPort, count, runtimeConfig);
  }

  public ClusterSettings withRuntimeConfig(String rules) {
    return new ClusterSettings(name, data, index, apiPort, workers, rules);
  }

  public AddressPlan addresses() {
    return new AddressPlan(index);
  }

  public ClusterDirectory directory() {
    return ClusterDirectory.of(name, data);
  }

  /** The name of the cluster's context in a kubeconfig. */
  public String context() {
    return name.equals(ClusterRegistry.DEFAULT_NAME) ? "jurumudi" : "jurumudi-" + name;
  }

  /** The n-th node's name; node 0 is the one beside the control plane. */
  public String nodeName(int node) {
    return node == 0 ? context() : context() + "-worker-" + node;
  }

  /** The cgroup of the n-th node, below the root of the hierarchy. */
  public String cgroup(int node) {
    return "jurumudi-" + name + (node == 0 ? "" : "-worker-" + node);
  }

  /** The n-th node's container engine; what it has for a network is its node's matter. */
  public EngineConfig engine(int node) {
    String nodeName = nodeName(node);
    return new EngineConfig(
        directory().node(nodeName).resolve("engine"),
        directory().nodeRun(nodeName).resolve("engine"),
        directory().images(),
        cgroup(node),
        name,
        new DeferredNetwork(),
        Clock.systemUTC());
  }

  static ClusterSettings read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
      return new ClusterSettings(
          text(properties, "name"),
          Path.of(text(properties, "data")),
          Integer.parseInt(text(properties, "index")),
          Integer.parseInt(text(properties, "apiPort")),
          Integer.parseInt(text(properties, "workers")),
          properties.getProperty("runtimeConfig", ""));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " does not describe a cluster: " + e.getMessage(), e);
    }
  }

  private static String text(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("name", name);
    properties.setProperty("data", data.toString());
    properties.setProperty("index", Integer.toString(index));
    properties.setProperty("apiPort", Integer.toString(apiPort));
    properties.setProperty("workers", Integer.toString(workers));
    properties.setProperty("runtimeConfig", runtimeConfig);
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try (Writer out = Files.newBufferedWriter(draft)) {
      properties.store(out, null);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
