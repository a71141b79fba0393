package io.jurumudi.runtime.container;

import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Seccomp profiles in the form of the OCI runtime specification ({@code linux.seccomp}). */
final class Seccomp {
  private static final String ALLOW = "SCMP_ACT_ALLOW";
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  /** CLONE_NEW* of all kinds but a cgroup's own: making namespaces needs CAP_SYS_ADMIN. */
  private static final long CLONE_NAMESPACES = 0x7E020000L;

  /** Values of personality(2): Linux, Linux with UNAME26, and asking. */
  private static final List<Long> PERSONALITIES =
      List.of(0x0L, 0x0008L, 0x20000L, 0x20008L, 0xffffffffL);

  private static final int AF_VSOCK = 40;

  private Seccomp() {}

  /** Empty for an unconfined container. */
  static Optional<Map<String, Object>> profile(SecurityProfile p, Set<String> capabilities)
      throws IOException {
    return switch (p.type()) {
      case UNCONFINED -> Optional.empty();
      case RUNTIME_DEFAULT -> Optional.of(runtimeDefault(capabilities));
      case LOCALHOST -> Optional.of(localhost(p.localhostRef()));
    };
  }

  private static Map<String, Object> localhost(String file) throws IOException {
    try {
      return Json.parseObject(Files.readAllBytes(Path.of(file)));
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException("seccomp profile " + file + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> runtimeDefault(Set<String> capabilities) {
    List<Object> rules = new ArrayList<>();
    sections()
        .forEach(
            (section, names) -> {
              if (section.equals("always") || capabilities.contains(section)) {
                rules.add(rule(names, ALLOW, List.of()));
              }
            });
    for (long v : PERSONALITIES) {
      rules.add(rule(List.of("personality"), ALLOW, List.of(arg(0, v, 0, "SCMP_CMP_EQ"))));
    }
    rules.add(rule(List.of("socket"), ALLOW, List.of(arg(0, AF_VSOCK, 0, "SCMP_CMP_NE"))));
    if (!capabilities.contains("CAP_SYS_ADMIN")) {
      rules.add(
          rule(
              List.of("clone"), ALLOW, List.of(arg(0, CLONE_NAMESPACES, 0, "SCMP_CMP_MASKED_EQ"))));
      // Its flags lie in memory, where a filter cannot look; libc falls back to clone.
      Map<String, Object> clone3 = rule(List.of("clone3"), "SCMP_ACT_ERRNO", List.of());
      clone3.put("errnoRet", ENOSYS);
      rules.add(clone3);
    }
    Map<String, Object> profile = new LinkedHashMap<>();
    profile.put("defaultAction", "SCMP_ACT_ERRNO");
    profile.put("defaultErrnoRet", EPERM);
    profile.put(
        "architectures",
        "aarch64".equals(System.getProperty("os.arch"))
            ? List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM")
            : List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"));
    profile.put("syscalls", rules);
    return profile;
  }

  private static Map<String, Object> rule(List<String> names, String action, List<Object> args) {
    Map<String, Object> r = new LinkedHashMap<>();
    r.put("names", names);
    r.put("action", action);
    if (!args.isEmpty()) {
      r.put("args", args);
    }
    return r;
  }

  private static Object arg(int index, long value, long valueTwo, String op) {
    return Map.of("index", index, "value", value, "valueTwo", valueTwo, "op", op);
  }

  private static Map<String, List<String>> sections() {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(Seccomp.class.getResourceAsStream("seccomp-default.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        if (line.endsWith(":") && !line.startsWith("#")) {
          current = new ArrayList<>();
          sections.put(line.substring(0, line.length() - 1), current);
        } else if (!line.startsWith("#") && !line.isBlank()) {
          current.addAll(List.of(line.strip().split(" +", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sections;
  }
}
