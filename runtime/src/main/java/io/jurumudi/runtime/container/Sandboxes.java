package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.PodNetwork;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxStats;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.linux.Cgroup;
import io.jurumudi.linux.CgroupStats;
import io.jurumudi.linux.Cgroups;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.Mounts;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.ProcessWatcher;
import io.jurumudi.linux.Processes;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.json.Json;
import io.jurumudi.runtime.json.RecordTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandboxes of an engine: the namespaces, files and addresses that the containers of a pod
 * share. Namespaces are held by bind mounts, not by a pause process, which makes a sandbox cheap
 * and leaves nothing that could be killed; only a shared pid namespace needs a first process.
 *
 * <p>The truth is on disk, a record a sandbox, changed under the sandbox's own lock.
 */
final class Sandboxes {
  private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);
  private static final String SHM_SIZE = "65536k";

  /** Let containers bind ports below 1024 and ping without capabilities, as containerd does. */
  private static final Map<String, String> DEFAULT_SYSCTLS =
      Map.of(
          "net.ipv4.ip_unprivileged_port_start", "0",
          "net.ipv4.ping_group_range", "0 2147483647");

  private final Linux linux;
  private final Layout layout;
  private final PauseProcess pauses;
  private final PodNetwork network;
  private final ProcessWatcher watcher;
  private final Events events;
  private final Clock clock;
  private final String cgroupParent;
  private final Cgroups.Layout cgroupLayout;
  private final Set<String> capabilities;
  private final int minOomScoreAdj;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** A sandbox in memory; {@code record} is replaced under {@code lock}. */
  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile SandboxRecord record;

    Entry(SandboxRecord record) {
      this.record = record;
    }
  }

  Sandboxes(
      Linux linux,
      Layout layout,
      PauseProcess pauses,
      PodNetwork network,
      ProcessWatcher watcher,
      Events events,
      Clock clock,
      String cgroupParent)
      throws IOException {
    this.linux = linux;
    this.layout = layout;
    this.pauses = pauses;
    this.network = network;
    this.watcher = watcher;
    this.events = events;
    this.clock = clock;
    this.cgroupParent = cgroupParent;
    this.cgroupLayout = linux.cgroups().layout();
    this.capabilities = Capabilities.available();
    this.minOomScoreAdj =
        capabilities.contains("CAP_SYS_RESOURCE")
            ? -1000
            : Integer.parseInt(Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
  }

  SandboxRecord get(String id) {
    return entry(id).record;
  }

  List<SandboxRecord> list() {
    List<SandboxRecord> all = new ArrayList<>();
    entries.values().forEach(e -> all.add(e.record));
    all.sort(java.util.Comparator.comparing(SandboxRecord::createdAt));
    return all;
  }

  private Entry entry(String id) {
    Entry e = entries.get(id);
    if (e == null) {
      throw new RuntimeServiceException.NotFound("no sandbox " + id);
    }
    return e;
  }

  // ---- a sandbox's life

  SandboxRecord run(String id, PodSandboxConfig config, String handler) throws IOException {
    String below =
        config.cgroupParent().isEmpty() ? "sandbox-" + id.substring(0, 12) : config.cgroupParent();
    Entry e =
        new Entry(
            new SandboxRecord(
                id,
                config,
                handler,
                clock.instant(),
                cgroupParent + "/" + below,
                List.of(),
                false,
                SandboxState.NOT_READY,
                null));
    Files.createDirectories(layout.sandbox(id));
    Files.createDirectories(layout.sandboxState(id));
    e.lock.lock();
    try {
      save(e.record);
      namespaces(id, config);
      files(id, config);
      Cgroup pod = linux.cgroups().at(e.record.cgroup());
      pod.create();
      pod.apply(Containers.limits(config.resources()));
      if (config.namespaces().network() != NamespaceMode.NODE) {
        update(e, e.record.withNetwork(List.of(), true));
        List<String> ips = network.setUp(id, layout.namespace(id, "net").toString(), config);
        update(e, e.record.withNetwork(List.copyOf(ips), true));
      }
      if (config.namespaces().pid() == NamespaceMode.POD) {
        ProcessId pause = pauses.start(id, surroundings(e.record), e.record.cgroup());
        update(e, e.record.withPause(pause));
        watchPause(e, pause);
      }
      update(e, e.record.withState(SandboxState.READY));
      entries.put(id, e);
    } catch (IOException | RuntimeException x) {
      try {
        release(e);
        delete(e.record);
      } catch (IOException | RuntimeException y) {
        x.addSuppressed(y);
      }
      throw x;
    } finally {
      e.lock.unlock();
    }
    publish(ContainerEvent.Type.CREATED, id);
    publish(ContainerEvent.Type.STARTED, id);
    return e.record;
  }

  void updateResources(String id, LinuxResources resources) {
    Entry e = entry(id);
    e.lock.lock();
    try {
      linux.cgroups().at(e.record.cgroup()).apply(Containers.limits(resources));
    } finally {
      e.lock.unlock();
    }
  }

  private void namespaces(String id, PodSandboxConfig config) {
    Map<Namespace, Path> own = new EnumMap<>(Namespace.class);
    boolean hostNetwork = config.namespaces().network() == NamespaceMode.NODE;
    if (!hostNetwork) {
      own.put(Namespace.NETWORK, layout.namespace(id, "net"));
      // A pod with the host's network has its name too.
      own.put(Namespace.UTS, layout.namespace(id, "uts"));
    }
    if (config.namespaces().ipc() != NamespaceMode.NODE) {
      own.put(Namespace.IPC, layout.namespace(id, "ipc"));
    }
    if (!own.isEmpty()) {
      linux.namespaces().create(own, hostNetwork ? "" : config.hostname());
    }
    Map<String, String> sysctls = new LinkedHashMap<>();
    if (!hostNetwork) {
      sysctls.putAll(DEFAULT_SYSCTLS);
    }
    sysctls.putAll(config.sysctls());
    if (!sysctls.isEmpty() && !own.isEmpty()) {
      linux
          .namespaces()
          .inside(
              own,
              () -> {
                for (Map.Entry<String, String> s : sysctls.entrySet()) {
                  set(s.getKey(), s.getValue());
                }
                return true;
              });
    }
  }

  /** A slash in a name stands for a dot in a device's name (sysctl(8)). */
  private static void set(String key, String value) throws IOException {
    String path =
        key.contains("/") && !key.contains(".")
            ? key
            : key.replace('/', '\0').replace('.', '/').replace('\0', '.');
    Path file = Path.of("/proc/sys", path);
    try {
      Files.writeString(file, value);
    } catch (IOException x) {
      if (DEFAULT_SYSCTLS.containsKey(key)) {
        return; // a kernel without it
      }
      throw new IOException("sysctl " + key + " = " + value + ": " + x, x);
    }
  }

  private void files(String id, PodSandboxConfig config) throws IOException {
    Path dir = layout.sandbox(id);
    Files.writeString(dir.resolve("hostname"), hostname(config) + "\n");
    Path hosts = Path.of("/etc/hosts");
    Files.writeString(
        dir.resolve("hosts"),
        Files.exists(hosts) ? Files.readString(hosts) : "127.0.0.1 localhost\n");
    Files.writeString(dir.resolve("resolv.conf"), resolvConf(config.dnsConfig()));
    if (config.namespaces().ipc() != NamespaceMode.NODE) {
      Path shm = Files.createDirectories(layout.shm(id));
      linux
          .mounts()
          .mount(
              "shm",
              shm,
              "tmpfs",
              Mounts.NOSUID | Mounts.NODEV | Mounts.NOEXEC,
              "mode=1777,size=" + SHM_SIZE);
    }
  }

  private static String hostname(PodSandboxConfig config) throws IOException {
    return config.namespaces().network() == NamespaceMode.NODE || config.hostname().isEmpty()
        ? Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()
        : config.hostname();
  }

  private static String resolvConf(DnsConfig dns) throws IOException {
    if (dns.servers().isEmpty() && dns.searches().isEmpty() && dns.options().isEmpty()) {
      Path host = Path.of("/etc/resolv.conf");
      return Files.exists(host) ? Files.readString(host) : "";
    }
    StringBuilder s = new StringBuilder();
    if (!dns.searches().isEmpty()) {
      s.append("search ").append(String.join(" ", dns.searches())).append('\n');
    }
    dns.servers().forEach(n -> s.append("nameserver ").append(n).append('\n'));
    if (!dns.options().isEmpty()) {
      s.append("options ").append(String.join(" ", dns.options())).append('\n');
    }
    return s.toString();
  }

  /** What the sandbox gives its containers. */
  ContainerSurroundings surroundings(SandboxRecord r) throws IOException {
    String id = r.id();
    Map<String, String> shared = new LinkedHashMap<>();
    boolean hostNetwork = r.config().namespaces().network() == NamespaceMode.NODE;
    if (!hostNetwork) {
      shared.put("network", layout.namespace(id, "net").toString());
      shared.put("uts", layout.namespace(id, "uts").toString());
    }
    Map<String, String> files = new LinkedHashMap<>();
    if (r.config().namespaces().ipc() == NamespaceMode.NODE) {
      files.put("/dev/shm", "/dev/shm");
    } else {
      shared.put("ipc", layout.namespace(id, "ipc").toString());
      files.put("/dev/shm", layout.shm(id).toString());
    }
    for (String f : List.of("hosts", "hostname", "resolv.conf")) {
      files.put("/etc/" + f, layout.sandbox(id).resolve(f).toString());
    }
    ProcessId pause = r.pause();
    return new ContainerSurroundings(
        hostname(r.config()),
        shared,
        pause == null ? "" : "/proc/" + pause.pid() + "/ns/pid",
        files,
        cgroupLayout == Cgroups.Layout.V2,
        capabilities,
        minOomScoreAdj);
  }

  private void watchPause(Entry e, ProcessId pause) {
    watcher.watch(
        pause.pid(),
        () -> {
          e.lock.lock();
          try {
            if (e.record.state() == SandboxState.READY) {
              update(e, e.record.withState(SandboxState.NOT_READY));
              publish(ContainerEvent.Type.STOPPED, e.record.id());
            }
          } catch (IOException x) {
            LOG.error("sandbox end cannot be recorded sandbox={}", e.record.id(), x);
          } finally {
            e.lock.unlock();
          }
        });
  }

  /** Its containers have been stopped. */
  void stop(String id) throws IOException {
    Entry e = entry(id);
    e.lock.lock();
    try {
      boolean was = e.record.state() == SandboxState.READY;
      release(e);
      if (was) {
        update(e, e.record.withState(SandboxState.NOT_READY));
        publish(ContainerEvent.Type.STOPPED, id);
      }
    } finally {
      e.lock.unlock();
    }
  }

  private void release(Entry e) throws IOException {
    SandboxRecord r = e.record;
    String id = r.id();
    ProcessId pause = r.pause();
    if (pause != null) {
      if (r.state() == SandboxState.READY) {
        update(e, r.withState(SandboxState.NOT_READY));
        publish(ContainerEvent.Type.STOPPED, id);
      }
      pause.signal(linux, Processes.SIGKILL);
      pauses.delete(id, r.cgroup());
    }
    if (e.record.networkUp()) {
      network.tearDown(id, layout.namespace(id, "net").toString(), r.config());
      update(e, e.record.withNetwork(e.record.ips(), false));
    }
    linux.mounts().detachAll(layout.sandboxState(id));
  }

  /** Its containers have been removed. Does nothing when there is none. */
  void remove(String id) throws IOException {
    Entry e = entries.get(id);
    if (e == null) {
      return;
    }
    stop(id);
    e.lock.lock();
    try {
      delete(e.record);
      entries.remove(id);
    } finally {
      e.lock.unlock();
    }
    publish(ContainerEvent.Type.DELETED, id);
  }

  private void delete(SandboxRecord r) throws IOException {
    Files.deleteIfExists(layout.sandboxRecord(r.id()));
    FileTree.delete(layout.sandboxState(r.id()));
    FileTree.delete(layout.sandbox(r.id()));
    boolean shared =
        entries.values().stream()
            .anyMatch(o -> !o.record.id().equals(r.id()) && o.record.cgroup().equals(r.cgroup()));
    if (!shared) {
      try {
        Cgroup c = linux.cgroups().at(r.cgroup());
        if (c.exists()) {
          c.remove();
        }
      } catch (LinuxException x) {
        LOG.info("pod cgroup is still in use cgroup={} error={}", r.cgroup(), x.getMessage());
      }
    }
  }

  PodSandboxStats stats(String id) {
    SandboxRecord r = get(id);
    CgroupStats s = linux.cgroups().at(r.cgroup()).stats();
    long[] net = new long[4];
    if (r.config().namespaces().network() != NamespaceMode.NODE
        && r.state() == SandboxState.READY) {
      net =
          linux
              .namespaces()
              .inside(Namespace.NETWORK, layout.namespace(id, "net"), Sandboxes::eth0);
    }
    return new PodSandboxStats(
        id,
        clock.instant(),
        s.cpuNanos(),
        s.workingSetBytes(),
        s.memoryBytes(),
        net[0],
        net[1],
        net[2],
        net[3],
        s.processes());
  }

  /** Bytes and errors received, bytes and errors sent, from /proc/net/dev (proc(5)). */
  private static long[] eth0() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/dev"))) {
      String l = line.strip();
      if (l.startsWith("eth0:")) {
        String[] f = l.substring(5).strip().split("\\s+", -1);
        return new long[] {
          Long.parseLong(f[0]), Long.parseLong(f[2]), Long.parseLong(f[8]), Long.parseLong(f[10])
        };
      }
    }
    return new long[4];
  }

  // ---- on disk

  /** Finds the sandboxes of an earlier engine; one whose namespaces are gone is not ready. */
  void recover() throws IOException {
    Files.createDirectories(layout.sandboxes());
    List<Path> directories = new ArrayList<>();
    try (DirectoryStream<Path> s = Files.newDirectoryStream(layout.sandboxes())) {
      s.forEach(directories::add);
    }
    for (Path dir : directories) {
      String id = dir.getFileName().toString();
      Optional<SandboxRecord> read = read(layout.sandboxRecord(id));
      if (read.isEmpty()) {
        linux.mounts().detachAll(layout.sandboxState(id));
        FileTree.delete(layout.sandboxState(id));
        FileTree.delete(dir);
        continue;
      }
      Entry e = new Entry(read.get());
      SandboxRecord r = e.record;
      entries.put(id, e);
      if (r.state() == SandboxState.READY) {
        ProcessId pause = r.pause();
        boolean gone =
            (r.config().namespaces().network() != NamespaceMode.NODE
                    && !linux.namespaces().exists(layout.namespace(id, "net")))
                || (r.config().namespaces().ipc() != NamespaceMode.NODE
                    && !linux.namespaces().exists(layout.namespace(id, "ipc")))
                || (pause != null && !pause.isAlive(linux));
        if (gone) {
          update(e, r.withState(SandboxState.NOT_READY));
        } else if (pause != null) {
          watchPause(e, pause);
        }
      }
    }
  }

  private static Optional<SandboxRecord> read(Path file) {
    try {
      return Optional.of(
          RecordTree.fromTree(SandboxRecord.class, Json.parse(Files.readAllBytes(file))));
    } catch (IOException | IllegalArgumentException x) {
      return Optional.empty();
    }
  }

  private void update(Entry e, SandboxRecord r) throws IOException {
    e.record = r;
    save(r);
  }

  private void save(SandboxRecord r) throws IOException {
    Json.writeFile(layout.sandboxRecord(r.id()), RecordTree.toTree(r));
  }

  private void publish(ContainerEvent.Type type, String id) {
    events.publish(new ContainerEvent(type, id, "", clock.instant()));
  }
}
