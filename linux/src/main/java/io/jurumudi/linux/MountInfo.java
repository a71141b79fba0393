package io.jurumudi.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
 *
 * @param root the directory of the file system that is mounted; for a namespace file such as {@code
 *     net:[4026532000]}
 * @param propagation the optional fields, such as {@code shared:1}
 */
public record MountInfo(
    int id,
    int parentId,
    String root,
    Path target,
    List<String> options,
    List<String> propagation,
    String fsType,
    String source,
    List<String> superOptions) {

  static MountInfo parse(String line) {
    String[] f = line.split(" ", -1);
    int dash = 6;
    while (!f[dash].equals("-")) {
      dash++;
    }
    return new MountInfo(
        Integer.parseInt(f[0]),
        Integer.parseInt(f[1]),
        unescape(f[3]),
        Path.of(unescape(f[4])),
        List.of(f[5].split(",", -1)),
        List.of(f).subList(6, dash),
        f[dash + 1],
        unescape(f[dash + 2]),
        List.of(f[dash + 3].split(",", -1)));
  }

  /** Blank, tab, newline and backslash stand as three octal digits. */
  private static String unescape(String s) {
    if (s.indexOf('\\') < 0) {
      return s;
    }
    byte[] in = s.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int n = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '\\' && i + 3 < in.length) {
        out[n++] = (byte) ((in[i + 1] - '0') * 64 + (in[i + 2] - '0') * 8 + (in[i + 3] - '0'));
        i += 3;
      } else {
        out[n++] = in[i];
      }
    }
    return new String(out, 0, n, StandardCharsets.UTF_8);
  }
}
