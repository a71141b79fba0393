package io.jurumudi.kubelet.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The mounts that the kubelet itself makes. Any thread. */
public interface Mounts {
  /**
   * Mounts a file system in memory on an existing directory.
   *
   * @param sizeBytes limit; 0 leaves the kernel's default (half of the memory)
   */
  void tmpfs(Path at, long sizeBytes) throws IOException;

  /** Detaches what is mounted there (MNT_DETACH). */
  void unmount(Path at) throws IOException;

  /** Mount points at or below a directory, the deepest first. */
  List<Path> below(Path directory) throws IOException;
}
