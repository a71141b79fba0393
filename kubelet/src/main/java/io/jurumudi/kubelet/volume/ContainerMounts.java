package io.jurumudi.kubelet.volume;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.VolumeMount;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.Mount;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.Expansion;
import io.jurumudi.kubelet.container.HostNames;
import io.jurumudi.kubelet.container.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The mounts of a container: its volumes, /etc/hosts, and the file of its termination message. */
public final class ContainerMounts {
  private static final String ETC_HOSTS = "/etc/hosts";

  private final PodDirectories directories;
  private final String clusterDomain;

  public ContainerMounts(PodDirectories directories, String clusterDomain) {
    this.directories = directories;
    this.clusterDomain = clusterDomain;
  }

  /**
   * @param volumes the pod's, by name
   * @param images ids of the images among them, by name of the volume
   * @param attempt number of this run: each has a termination message file of its own
   */
  public List<Mount> of(
      Pod pod,
      Container c,
      Map<String, MountedVolume> volumes,
      Map<String, String> images,
      List<KeyValue> env,
      List<String> podIPs,
      int attempt)
      throws ConfigException {
    List<Mount> mounts = new ArrayList<>();
    boolean ownHosts = false;
    for (VolumeMount m : c.volumeMounts()) {
      ownHosts |= m.mountPath().equals(ETC_HOSTS);
      MountedVolume volume = volumes.get(m.name());
      if (volume == null) {
        throw new ConfigException(
            "cannot find volume \"" + m.name() + "\" to mount into container \"" + c.name() + "\"");
      }
      String image = images.get(m.name());
      if (image != null) {
        mounts.add(Mount.image(absolute(m.mountPath()), image, subPath(m, env)));
        continue;
      }
      boolean readOnly = m.readOnly() || volume.readOnly();
      mounts.add(
          new Mount(
              absolute(m.mountPath()),
              source(m, c, volume, env).toString(),
              readOnly,
              readOnly
                  && ("Enabled".equals(m.recursiveReadOnly())
                      || "IfPossible".equals(m.recursiveReadOnly())),
              propagation(m.mountPropagation())));
    }
    try {
      if (!ownHosts && (pod.spec().hostNetwork() || !podIPs.isEmpty())) {
        mounts.add(file(ETC_HOSTS, hosts(pod, podIPs)));
      }
      if (!c.terminationMessagePath().isEmpty()) {
        mounts.add(file(c.terminationMessagePath(), terminationMessage(pod, c, attempt)));
      }
    } catch (IOException e) {
      throw new ConfigException("cannot write the pod's files: " + e);
    }
    return List.copyOf(mounts);
  }

  private static Mount file(String at, Path path) {
    return new Mount(at, path.toString(), false, false, Mount.Propagation.PRIVATE);
  }

  private Path hosts(Pod pod, List<String> podIPs) throws IOException {
    HostNames names = HostNames.of(pod, clusterDomain);
    String content =
        pod.spec().hostNetwork()
            ? HostNames.hostsFileOfHost(
                Files.readString(Path.of(ETC_HOSTS)), pod.spec().hostAliases())
            : names.hostsFile(podIPs, pod.spec().hostAliases());
    Path file = directories.hostsFile(pod.metadata().uid());
    // Written in place: containers that run already have this very file mounted.
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      Files.writeString(file, content);
      Files.setAttribute(file, "unix:mode", 0644);
    }
    return file;
  }

  private Path terminationMessage(Pod pod, Container c, int attempt) throws IOException {
    Path directory = directories.container(pod.metadata().uid(), c.name());
    PodFiles.directory(directory, 0755);
    Path file = directory.resolve("" + attempt);
    Files.write(file, new byte[0]);
    // Whatever user the container runs as may leave a message.
    Files.setAttribute(file, "unix:mode", 0666);
    return file;
  }

  private static String absolute(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  /** Relative and without a way up; empty when the whole volume is meant. */
  private static String subPath(VolumeMount m, List<KeyValue> env) throws ConfigException {
    String sub = m.subPathExpr().isEmpty() ? m.subPath() : expand(m.subPathExpr(), env);
    Path relative = Path.of(sub);
    if (relative.isAbsolute()) {
      throw new ConfigException("error SubPath `" + sub + "` must not be an absolute path");
    }
    for (Path part : relative) {
      if (part.toString().equals("..")) {
        throw new ConfigException(
            "unable to provision SubPath `" + sub + "`: must not contain '..'");
      }
    }
    return sub;
  }

  private static Path source(VolumeMount m, Container c, MountedVolume volume, List<KeyValue> env)
      throws ConfigException {
    String sub = subPath(m, env);
    if (sub.isEmpty()) {
      return volume.path();
    }
    try {
      return resolve(volume.path(), Path.of(sub));
    } catch (IOException e) {
      throw new ConfigException(
          "failed to prepare subPath for volumeMount \""
              + m.name()
              + "\" of container \""
              + c.name()
              + "\"");
    }
  }

  /**
   * Walks down part by part, creating what is missing, and refuses to leave the volume through a
   * symbolic link that a container may have put there.
   */
  private static Path resolve(Path volume, Path relative) throws IOException {
    Path root = volume.toRealPath();
    int mode = (int) Files.getAttribute(root, "unix:mode") & 07777;
    Path at = root;
    for (Path part : relative) {
      Path next = at.resolve(part);
      if (!Files.exists(next)) {
        Files.createDirectory(next);
        Files.setAttribute(next, "unix:mode", mode);
        Files.setAttribute(next, "unix:gid", Files.getAttribute(root, "unix:gid"));
      }
      at = next.toRealPath();
      if (!at.startsWith(root)) {
        throw new IOException("outside of the volume: " + at);
      }
    }
    return at;
  }

  private static String expand(String expression, List<KeyValue> env) throws ConfigException {
    Map<String, String> map = new HashMap<>();
    env.forEach(e -> map.put(e.key(), e.value()));
    List<String> missing = new ArrayList<>();
    String result =
        Expansion.expand(
            expression,
            name -> {
              if (!map.containsKey(name)) {
                missing.add(name);
              }
              return Optional.ofNullable(map.get(name));
            });
    if (!missing.isEmpty()) {
      throw new ConfigException(
          "missing value for \"" + missing.getFirst() + "\" in subPathExpr " + expression);
    }
    return result;
  }

  private static Mount.Propagation propagation(@Nullable String mode) {
    return switch (mode == null ? "None" : mode) {
      case "HostToContainer" -> Mount.Propagation.HOST_TO_CONTAINER;
      case "Bidirectional" -> Mount.Propagation.BIDIRECTIONAL;
      default -> Mount.Propagation.PRIVATE;
    };
  }
}
