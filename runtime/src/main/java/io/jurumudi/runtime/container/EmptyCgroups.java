package io.jurumudi.runtime.container;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Removes cgroups above one that is gone, as far as they are empty: others may still use them. */
final class EmptyCgroups {
  private EmptyCgroups() {}

  static void removeAbove(Linux linux, String cgroup) throws IOException {
    String path = cgroup;
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/')) {
      path = path.substring(0, slash);
      Path dir = linux.cgroups().at(path).directory("memory");
      if (!Files.isDirectory(dir) || hasChildren(dir)) {
        return;
      }
      try {
        linux.cgroups().at(path).remove();
      } catch (LinuxException e) {
        return; // someone came in the meantime
      }
    }
  }

  private static boolean hasChildren(Path dir) throws IOException {
    try (DirectoryStream<Path> s = Files.newDirectoryStream(dir, Files::isDirectory)) {
      return s.iterator().hasNext();
    }
  }
}
