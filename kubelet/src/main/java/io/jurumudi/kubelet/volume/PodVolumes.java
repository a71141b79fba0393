package io.jurumudi.kubelet.volume;

import io.jurumudi.api.core.v1.EmptyDirVolumeSource;
import io.jurumudi.api.core.v1.HostPathVolumeSource;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.FieldRefs;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.container.PodObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up and tears down the volumes of pods. Both are idempotent; for one pod they are called by
 * its worker only, so nothing here is locked.
 *
 * <p>What comes from secrets and tokens is kept in memory: one tmpfs for all pods below {@link
 * #memoryRoot}, mounted at the first need.
 */
public final class PodVolumes {
  private static final Logger LOG = LoggerFactory.getLogger(PodVolumes.class);

  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;
  private static final int S_IFBLK = 0060000;
  private static final int S_IFCHR = 0020000;

  private final PodDirectories directories;
  private final Mounts mounts;
  private final PodObjects objects;
  private final PersistentVolumes persistent;
  private final Tokens tokens;
  private final Clock clock;

  public PodVolumes(
      PodDirectories directories,
      Mounts mounts,
      PodObjects objects,
      PersistentVolumes persistent,
      Tokens tokens,
      Clock clock) {
    this.directories = directories;
    this.mounts = mounts;
    this.objects = objects;
    this.persistent = persistent;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * @param volumes by name
   * @param refreshAt when {@link #setUp} has to be called again for a token; null: not by itself
   */
  public record Ready(Map<String, MountedVolume> volumes, @Nullable Instant refreshAt) {}

  /** Where the in-memory file system of secrets and tokens is mounted. */
  public Path memoryRoot() {
    return directories.root().resolve("memory");
  }

  /** Mounts the in-memory file system unless it is mounted; without the right to, uses the disk. */
  public void prepare() throws IOException {
    Path root = memoryRoot();
    PodFiles.directory(root, 0755);
    if (mounts.below(root).contains(root.toAbsolutePath().normalize())) {
      return;
    }
    try {
      mounts.tmpfs(root, 0);
      Files.setAttribute(root, "unix:mode", 0755);
    } catch (IOException e) {
      LOG.warn("msg=\"secrets are kept on disk\" path={} err=\"{}\"", root, e.getMessage());
    }
  }

  /** Makes every volume of the pod, or brings it up to date. */
  public Ready setUp(Pod pod, FieldRefs refs) throws VolumeException {
    Payloads payloads = new Payloads(pod, refs, objects, tokens);
    Map<String, MountedVolume> ready = new HashMap<>();
    for (Volume volume : pod.spec().volumes()) {
      try {
        ready.put(volume.name(), setUp(pod, volume, payloads));
      } catch (IOException | ConfigException e) {
        throw new VolumeException(volume.name(), why(e));
      }
    }
    return new Ready(Map.copyOf(ready), payloads.refreshAt());
  }

  private static String why(Exception e) {
    return e instanceof IOException && e.getClass() != IOException.class
        ? e.getClass().getSimpleName().replace("Exception", "") + ": " + e.getMessage()
        : String.valueOf(e.getMessage());
  }

  private MountedVolume setUp(Pod pod, Volume volume, Payloads payloads)
      throws IOException, ConfigException {
    if (volume.image() != null) {
      // Which image it is turns out when its containers are started.
      return new MountedVolume(directories.volumes(pod.metadata().uid()), true);
    }
    var emptyDir = volume.emptyDir();
    if (emptyDir != null) {
      return emptyDir(pod, volume, emptyDir);
    }
    var hostPath = volume.hostPath();
    if (hostPath != null) {
      return hostPath(hostPath);
    }
    var configMap = volume.configMap();
    if (configMap != null) {
      Path at = directories.volume(pod.metadata().uid(), "configmap", volume.name());
      return write(
          at,
          payloads.configMap(
              configMap.name(), configMap.items(), configMap.defaultMode(), configMap.optional()),
          payloads);
    }
    var secret = volume.secret();
    if (secret != null) {
      return write(
          inMemory(pod, "secret", volume),
          payloads.secret(
              secret.secretName(), secret.items(), secret.defaultMode(), secret.optional()),
          payloads);
    }
    var projected = volume.projected();
    if (projected != null) {
      return write(inMemory(pod, "projected", volume), payloads.projected(projected), payloads);
    }
    var downward = volume.downwardAPI();
    if (downward != null) {
      return write(
          directories.volume(pod.metadata().uid(), "downward-api", volume.name()),
          payloads.downward(downward.items(), downward.defaultMode()),
          payloads);
    }
    var claim = volume.persistentVolumeClaim();
    if (claim != null) {
      return persistent.resolve(pod, claim.claimName(), claim.readOnly());
    }
    if (volume.ephemeral() != null) {
      return persistent.resolve(pod, pod.metadata().name() + "-" + volume.name(), false);
    }
    throw new ConfigException("no volume plugin matched: this kind of volume is not supported");
  }

  private MountedVolume write(Path at, Map<String, ProjectedFile> files, Payloads payloads)
      throws IOException {
    new AtomicWriter(at, payloads.fsGroup()).write(files, clock.instant());
    return new MountedVolume(at, true);
  }

  private Path inMemory(Pod pod, String plugin, Volume volume) {
    return memoryRoot()
        .resolve(pod.metadata().uid())
        .resolve("kubernetes.io~" + plugin)
        .resolve(volume.name());
  }

  private MountedVolume emptyDir(Pod pod, Volume volume, EmptyDirVolumeSource source)
      throws IOException, ConfigException {
    Path at = directories.volume(pod.metadata().uid(), "empty-dir", volume.name());
    boolean fresh = !Files.isDirectory(at);
    PodFiles.directory(at, 0777);
    if (source.medium().equals("Memory")) {
      if (!mounts.below(at).contains(at.toAbsolutePath().normalize())) {
        Quantity limit = source.sizeLimit();
        mounts.tmpfs(at, limit == null ? 0 : limit.value());
        fresh = true;
      }
    } else if (!source.medium().isEmpty()) {
      throw new ConfigException("storage medium " + source.medium() + " is not supported");
    }
    var security = pod.spec().securityContext();
    Long group = security == null ? null : security.fsGroup();
    if (security != null && group != null) {
      boolean once = !fresh || "OnRootMismatch".equals(security.fsGroupChangePolicy());
      PodFiles.giveToGroup(at, group, once);
    }
    return new MountedVolume(at, false);
  }

  private static MountedVolume hostPath(HostPathVolumeSource source)
      throws IOException, ConfigException {
    Path path = Path.of(source.path());
    String type = source.type() == null ? "" : source.type();
    switch (type) {
      case "" -> {
        if (!Files.exists(path)) {
          PodFiles.directory(path, 0755);
        }
      }
      case "DirectoryOrCreate" -> {
        if (!Files.exists(path)) {
          PodFiles.directory(path, 0755);
        }
        check(Files.isDirectory(path), path, "a directory");
      }
      case "Directory" -> check(Files.isDirectory(path), path, "a directory");
      case "FileOrCreate" -> {
        if (!Files.exists(path)) {
          Files.createFile(path);
          Files.setAttribute(path, "unix:mode", 0644);
        }
        check(Files.isRegularFile(path), path, "a file");
      }
      case "File" -> check(Files.isRegularFile(path), path, "a file");
      case "Socket" -> check(format(path) == S_IFSOCK, path, "a socket");
      case "CharDevice" -> check(format(path) == S_IFCHR, path, "a character device");
      case "BlockDevice" -> check(format(path) == S_IFBLK, path, "a block device");
      default -> throw new ConfigException(type + " is an invalid volume type");
    }
    return new MountedVolume(path, false);
  }

  private static int format(Path path) throws IOException {
    return Files.exists(path) ? (int) Files.getAttribute(path, "unix:mode") & S_IFMT : 0;
  }

  private static void check(boolean is, Path path, String what) throws ConfigException {
    if (!is) {
      throw new ConfigException("hostPath type check failed: " + path + " is not " + what);
    }
  }

  /** Removes all volumes of a pod; mounts that were made in them are detached first. */
  public void tearDown(String uid) throws IOException {
    Path volumes = directories.volumes(uid);
    if (Files.isDirectory(volumes)) {
      List<Path> mounted = mounts.below(volumes);
      for (Path at : mounted) {
        mounts.unmount(at);
      }
      PodFiles.deleteTree(volumes);
    }
    PodFiles.deleteTree(memoryRoot().resolve(uid));
    tokens.forget(uid);
  }
}
