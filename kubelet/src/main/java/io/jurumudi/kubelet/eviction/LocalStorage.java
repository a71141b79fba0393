package io.jurumudi.kubelet.eviction;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.PodResources;
import io.jurumudi.kubelet.pod.PodRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What pods keep on the node's disk, and whether it is more than they may. Any thread. */
final class LocalStorage {
  private static final String RESOURCE = "ephemeral-storage";

  private final RuntimeService runtime;
  private final PodDirectories directories;

  LocalStorage(RuntimeService runtime, PodDirectories directories) {
    this.runtime = runtime;
    this.directories = directories;
  }

  /** Whether the pod states any limit: the disk is read for those only. */
  static boolean limited(Pod pod) {
    return pod.spec().containers().stream()
            .anyMatch(c -> c.resources().limits().containsKey(RESOURCE))
        || pod.spec().volumes().stream().anyMatch(LocalStorage::limited);
  }

  private static boolean limited(Volume v) {
    return v.emptyDir() != null
        && v.emptyDir().sizeLimit() != null
        && !v.emptyDir().medium().equals("Memory");
  }

  /** Why the pod has to go; empty: it keeps to its limits (upstream's localStorageEviction). */
  Optional<String> exceeded(Pod pod, PodRuntime containers) {
    long volumes = 0;
    for (Volume v : pod.spec().volumes()) {
      if (v.emptyDir() == null || v.emptyDir().medium().equals("Memory")) {
        continue;
      }
      long used = bytes(directories.volume(pod.metadata().uid(), "empty-dir", v.name()));
      volumes += used;
      Quantity limit = v.emptyDir().sizeLimit();
      if (limit != null && limit.signum() > 0 && used > limit.value()) {
        return Optional.of(
            "Usage of EmptyDir volume \"" + v.name() + "\" exceeds the limit \"" + limit + "\". ");
      }
    }
    Map<String, Long> used = containers(pod, containers);
    for (Container c : pod.spec().containers()) {
      Quantity limit = c.resources().limits().get(RESOURCE);
      if (limit != null && used.getOrDefault(c.name(), 0L) > limit.value()) {
        return Optional.of(
            "Container "
                + c.name()
                + " exceeded its local ephemeral storage limit \""
                + limit
                + "\". ");
      }
    }
    boolean all =
        pod.spec().containers().stream()
            .allMatch(c -> c.resources().limits().containsKey(RESOURCE));
    Quantity total = PodResources.limits(pod).get(RESOURCE);
    long sum = used.values().stream().mapToLong(Long::longValue).sum() + volumes;
    if (all && total != null && sum > total.value()) {
      return Optional.of(
          "Pod ephemeral local storage usage exceeds the total limit of containers "
              + total
              + ". ");
    }
    return Optional.empty();
  }

  /** Writable layers and logs of the containers, by name. */
  Map<String, Long> containers(Pod pod, PodRuntime runs) {
    Map<String, Long> used = new HashMap<>();
    for (ContainerRun run : runs.containers()) {
      try {
        used.merge(run.name(), runtime.containerStats(run.id()).rootfsUsedBytes(), Long::sum);
      } catch (RuntimeServiceException gone) {
        used.putIfAbsent(run.name(), 0L);
      }
    }
    for (Container c : pod.spec().containers()) {
      used.merge(c.name(), bytes(directories.podLogs(pod).resolve(c.name())), Long::sum);
    }
    return used;
  }

  /** All of a pod: containers, logs and directories that are on disk. */
  long total(Pod pod, Map<String, Long> containers) {
    long sum = containers.values().stream().mapToLong(Long::longValue).sum();
    for (Volume v : pod.spec().volumes()) {
      if (v.emptyDir() != null && !v.emptyDir().medium().equals("Memory")) {
        sum += bytes(directories.volume(pod.metadata().uid(), "empty-dir", v.name()));
      }
    }
    return sum;
  }

  /** Bytes of all files below; what goes while we look does not count. */
  static long bytes(Path directory) {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    long[] sum = {0};
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                Path d, @org.jspecify.annotations.Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sum[0];
  }
}
