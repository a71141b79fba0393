package io.jurumudi.cluster;

import io.jurumudi.kubelet.volume.Mounts;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.MountInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** The kubelet's mounts, made by the kernel's own calls. Holds no state. */
record KubeletMounts(Linux linux) implements Mounts {
  @Override
  public void tmpfs(Path at, long sizeBytes) throws IOException {
    try {
      // No flags: a pod may keep a device or a set-uid program in an emptyDir, as upstream's may.
      String options = "mode=0777" + (sizeBytes > 0 ? ",size=" + sizeBytes : "");
      linux.mounts().mount("tmpfs", at, "tmpfs", 0, options);
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void unmount(Path at) throws IOException {
    try {
      linux.mounts().detach(at);
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public List<Path> below(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    return linux.mounts().list().stream()
        .map(MountInfo::target)
        .filter(at -> at.startsWith(absolute))
        .sorted(Comparator.comparing(Path::getNameCount).reversed())
        .toList();
  }
}
