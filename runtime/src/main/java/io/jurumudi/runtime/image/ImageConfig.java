package io.jurumudi.runtime.image;

import io.jurumudi.runtime.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The part of an image's configuration that says how a container of it runs (OCI image
 * specification, config).
 *
 * @param env {@code KEY=value}
 * @param volumes paths that get a directory of their own in each container
 * @param exposedPorts such as {@code 80/tcp}; information only
 * @param onBuild instructions to run first in a build from this image
 * @param shell of RUN, CMD and ENTRYPOINT in shell form, kept for builds from this image
 */
public record ImageConfig(
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String user,
    String workingDir,
    List<String> volumes,
    List<String> exposedPorts,
    Map<String, String> labels,
    String stopSignal,
    List<String> onBuild,
    List<String> shell,
    Map<String, Object> healthcheck) {
  public static final ImageConfig EMPTY =
      new ImageConfig(
          List.of(), List.of(), List.of(), "", "", List.of(), List.of(), Map.of(), "", List.of(),
          List.of(), Map.of());

  /** From the {@code config} object of a configuration blob. */
  public static ImageConfig read(Map<String, Object> c) {
    Map<String, String> labels = new TreeMap<>();
    Json.object(c, "Labels").forEach((k, v) -> labels.put(k, String.valueOf(v)));
    return new ImageConfig(
        Json.strings(c, "Env"),
        Json.strings(c, "Entrypoint"),
        Json.strings(c, "Cmd"),
        Json.string(c, "User"),
        Json.string(c, "WorkingDir"),
        Json.object(c, "Volumes").keySet().stream().sorted().toList(),
        Json.object(c, "ExposedPorts").keySet().stream().sorted().toList(),
        labels,
        Json.string(c, "StopSignal"),
        Json.strings(c, "OnBuild"),
        Json.strings(c, "Shell"),
        Json.object(c, "Healthcheck"));
  }

  /** The {@code config} object; empty parts are left out. */
  public Map<String, Object> tree() {
    Map<String, Object> m = new LinkedHashMap<>();
    put(m, "User", user);
    putSet(m, "ExposedPorts", exposedPorts);
    put(m, "Env", env);
    put(m, "Entrypoint", entrypoint);
    put(m, "Cmd", cmd);
    putSet(m, "Volumes", volumes);
    put(m, "WorkingDir", workingDir);
    if (!labels.isEmpty()) {
      m.put("Labels", new TreeMap<>(labels));
    }
    put(m, "StopSignal", stopSignal);
    put(m, "OnBuild", onBuild);
    put(m, "Shell", shell);
    if (!healthcheck.isEmpty()) {
      m.put("Healthcheck", healthcheck);
    }
    return m;
  }

  private static void put(Map<String, Object> m, String key, String value) {
    if (!value.isEmpty()) {
      m.put(key, value);
    }
  }

  private static void put(Map<String, Object> m, String key, List<String> value) {
    if (!value.isEmpty()) {
      m.put(key, value);
    }
  }

  private static void putSet(Map<String, Object> m, String key, List<String> value) {
    if (!value.isEmpty()) {
      Map<String, Object> set = new LinkedHashMap<>();
      value.stream().sorted().forEach(v -> set.put(v, Map.of()));
      m.put(key, set);
    }
  }
}
