package io.jurumudi.runtime.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Capabilities of a container's processes (capabilities(7)). */
final class Capabilities {
  /** In the order of their numbers. */
  private static final List<String> ALL =
      List.of(
              ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP"
                      + " LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK"
                      + " IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN"
                      + " SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE"
                      + " AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG"
                      + " WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
                  .split(" ", -1))
          .stream()
          .map(c -> "CAP_" + c)
          .toList();

  /** What containers have when nothing is said, as with Docker and containerd. */
  private static final List<String> DEFAULT =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private Capabilities() {}

  /** Those that this process may give away: its bounding set. */
  static Set<String> available() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapBnd:")) {
        long bits = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        Set<String> set = new LinkedHashSet<>();
        for (int i = 0; i < ALL.size(); i++) {
          if ((bits >> i & 1) != 0) {
            set.add(ALL.get(i));
          }
        }
        return set;
      }
    }
    return Set.copyOf(ALL);
  }

  /**
   * What a container gets; capabilities that the host itself lacks are left out.
   *
   * @param add names with or without CAP_, or ALL
   */
  static List<String> grant(
      boolean privileged, List<String> add, List<String> drop, Set<String> available) {
    Set<String> caps = new LinkedHashSet<>(privileged ? ALL : DEFAULT);
    List<String> added = names(add);
    List<String> dropped = names(drop);
    if (added.contains("CAP_ALL")) {
      caps.addAll(ALL);
    }
    if (dropped.contains("CAP_ALL")) {
      caps.clear();
    }
    caps.addAll(added);
    caps.removeAll(dropped);
    caps.retainAll(available);
    return List.copyOf(caps);
  }

  private static List<String> names(List<String> given) {
    List<String> names = new ArrayList<>();
    for (String g : given) {
      String n = g.toUpperCase(Locale.ROOT);
      names.add(n.startsWith("CAP_") ? n : "CAP_" + n);
    }
    return names;
  }
}
