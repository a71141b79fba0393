package io.jurumudi.kubelet.volume;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@link Mounts} by the programs mount(8) and umount(8), read back from proc_pid_mountinfo(5). */
public final class MountCommand implements Mounts {
  @Override
  public void tmpfs(Path at, long sizeBytes) throws IOException {
    String options = "mode=0777" + (sizeBytes > 0 ? ",size=" + sizeBytes : "");
    run("mount", "-t", "tmpfs", "-o", options, "tmpfs", at.toString());
  }

  @Override
  public void unmount(Path at) throws IOException {
    run("umount", "-l", at.toString());
  }

  @Override
  public List<Path> below(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    List<Path> result = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      String[] fields = line.split(" ", 6);
      if (fields.length < 6) {
        continue;
      }
      Path at = Path.of(unescape(fields[4]));
      if (at.startsWith(absolute)) {
        result.add(at);
      }
    }
    result.sort(Comparator.comparing(Path::getNameCount).reversed());
    return result;
  }

  /** Octal escapes of space, tab, newline and backslash. */
  static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder out = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        out.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + String.join(" ", command), e);
    }
  }
}
