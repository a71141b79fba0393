package io.jurumudi.cluster;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What this process holds: threads, virtual ones too, and open files and sockets. */
public final class Traces {
  /** The thread that runs the test. */
  private static final String TEST = "org.junit.platform.";

  private Traces() {}

  /** The stacks of our threads by their id; those without a frame of ours are left out. */
  public static Map<String, String> threads() throws IOException {
    Path file = Files.createTempDirectory("threads").resolve("dump.json");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      Map<String, String> threads = new TreeMap<>();
      Map<?, ?> dump = (Map<?, ?>) tree(Trees.parseJson(Files.readAllBytes(file)));
      Map<?, ?> body = (Map<?, ?>) tree(dump.get("threadDump"));
      for (Object container : (List<?>) tree(body.get("threadContainers"))) {
        for (Object thread : (List<?>) tree(((Map<?, ?>) tree(container)).get("threads"))) {
          add((Map<?, ?>) tree(thread), threads);
        }
      }
      return threads;
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(file.getParent());
    }
  }

  private static void add(Map<?, ?> thread, Map<String, String> threads) {
    List<String> frames = new ArrayList<>();
    for (Object frame : (List<?>) tree(thread.get("stack"))) {
      frames.add(String.valueOf(frame));
    }
    String name = String.valueOf(thread.get("name"));
    boolean ours =
        frames.stream().anyMatch(f -> f.contains("io.jurumudi") || f.contains("io.netty"));
    boolean named = name.startsWith("timer-") || name.contains("apiserver");
    if ((ours || named) && frames.stream().noneMatch(f -> f.contains(TEST))) {
      threads.put(
          String.valueOf(thread.get("tid")), name + "\n    at " + String.join("\n    at ", frames));
    }
  }

  private static Object tree(@org.jspecify.annotations.Nullable Object value) {
    if (value == null) {
      throw new AssertionError("not a thread dump as expected");
    }
    return value;
  }

  /** Open sockets, event queues and files that are not part of the program. */
  public static List<String> files() throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        String target;
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
          continue; // closed meanwhile
        }
        if (!target.endsWith(".jar")
            && !target.endsWith(".so")
            && !target.endsWith("/modules")
            && !target.startsWith("/dev/")
            && !target.startsWith("/proc/")
            && !target.startsWith("pipe:")) {
          open.add(target.replaceAll("\\[\\d+]", ""));
        }
      }
    }
    open.sort(null);
    return open;
  }
}
