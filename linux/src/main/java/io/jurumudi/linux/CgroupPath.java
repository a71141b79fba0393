package io.jurumudi.linux;

import java.nio.file.Path;

/** Paths of cgroups as callers write them. */
final class CgroupPath {
  private CgroupPath() {}

  /** Without slashes at the ends; a path that leaves the hierarchy or is its root is refused. */
  static String clean(String path) {
    Path relative = Path.of("/").relativize(Path.of("/" + path).normalize());
    String s = relative.toString();
    if (s.isEmpty() || path.contains("..")) {
      throw new IllegalArgumentException("not the path of a cgroup: " + path);
    }
    return s;
  }
}
