package io.jurumudi.runtime.build;

import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stage while it is built: its layers and what its configuration has become. Owned by the thread
 * of the build.
 */
final class Stage {
  static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

  final ImageWriter image;
  final Map<String, String> env = new LinkedHashMap<>();
  final Map<String, String> labels = new LinkedHashMap<>();

  /** Values of ARG in scope; ENV of the same name hides them. */
  final Map<String, String> arguments = new LinkedHashMap<>();

  final List<String> volumes = new ArrayList<>();
  final List<String> ports = new ArrayList<>();
  final List<String> triggers = new ArrayList<>();
  List<String> entrypoint;
  List<String> cmd;
  boolean cmdOfThisStage;
  List<String> shell;
  String user;
  String workingDir;
  String stopSignal;
  Map<String, Object> healthcheck;

  Stage(ImageWriter image, ImageConfig base) {
    this.image = image;
    for (String e : base.env()) {
      String[] kv = e.split("=", 2);
      env.put(kv[0], kv.length == 2 ? kv[1] : "");
    }
    labels.putAll(base.labels());
    volumes.addAll(base.volumes());
    ports.addAll(base.exposedPorts());
    triggers.addAll(base.onBuild());
    entrypoint = base.entrypoint();
    cmd = base.cmd();
    shell = base.shell();
    user = base.user();
    workingDir = base.workingDir();
    stopSignal = base.stopSignal();
    healthcheck = base.healthcheck();
  }

  /** What variables in instructions stand for. */
  Map<String, String> variables() {
    Map<String, String> v = new LinkedHashMap<>(arguments);
    v.putAll(env);
    return v;
  }

  List<String> shellOrDefault() {
    return shell.isEmpty() ? DEFAULT_SHELL : shell;
  }

  List<String> envList() {
    List<String> l = new ArrayList<>();
    env.forEach((k, v) -> l.add(k + "=" + v));
    return l;
  }

  ImageConfig config() {
    return new ImageConfig(
        envList(),
        entrypoint,
        cmd,
        user,
        workingDir,
        List.copyOf(volumes),
        List.copyOf(ports),
        Map.copyOf(labels),
        stopSignal,
        List.copyOf(triggers),
        shell,
        healthcheck);
  }
}
