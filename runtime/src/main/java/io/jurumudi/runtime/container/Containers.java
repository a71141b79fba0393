package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStats;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.linux.Cgroup;
import io.jurumudi.linux.CgroupLimits;
import io.jurumudi.linux.CgroupStats;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.ProcessWatcher;
import io.jurumudi.linux.Processes;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.json.Json;
import io.jurumudi.runtime.json.RecordTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of an engine. The truth is on disk, a record a container, and with its processes:
 * conmon outlives this object, and {@link #recover} finds everything again. Each container's record
 * is changed under its own lock only.
 */
final class Containers {
  private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
  private static final int KILLED = 137;
  private static final int START_ERROR = 128;

  private final Linux linux;
  private final Layout layout;
  private final OciRuntime oci;
  private final Conmon conmon;
  private final ImageStore images;
  private final ProcessWatcher watcher;
  private final Events events;
  private final Clock clock;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** A container in memory. {@code record} is replaced under {@code lock}. */
  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile ContainerRecord record;
    private volatile CompletableFuture<ContainerRecord> exit = new CompletableFuture<>();
    private boolean removed;

    Entry(ContainerRecord record) {
      this.record = record;
    }
  }

  Containers(
      Linux linux,
      Layout layout,
      OciRuntime oci,
      Conmon conmon,
      ImageStore images,
      ProcessWatcher watcher,
      Events events,
      Clock clock) {
    this.linux = linux;
    this.layout = layout;
    this.oci = oci;
    this.conmon = conmon;
    this.images = images;
    this.watcher = watcher;
    this.events = events;
    this.clock = clock;
  }

  // ---- looking

  ContainerRecord get(String id) {
    return entry(id).record;
  }

  List<ContainerRecord> list(String sandboxId) {
    List<ContainerRecord> all = new ArrayList<>();
    for (Entry e : entries.values()) {
      if (sandboxId.isEmpty() || e.record.sandboxId().equals(sandboxId)) {
        all.add(e.record);
      }
    }
    all.sort(java.util.Comparator.comparing(ContainerRecord::createdAt));
    return all;
  }

  private Entry entry(String id) {
    Entry e = entries.get(id);
    if (e == null) {
      throw new RuntimeServiceException.NotFound("no container " + id);
    }
    return e;
  }

  /** Its process; throws when it does not run. */
  ProcessId running(String id) {
    ContainerRecord r = get(id);
    ProcessId p = r.process();
    if (r.state() != ContainerState.RUNNING || p == null) {
      throw new RuntimeServiceException("container " + id + " is not running");
    }
    return p;
  }

  // ---- a container's life

  /** Makes the record and the files of a container; nothing runs yet. */
  ContainerRecord create(
      String id, SandboxRecord sandbox, ContainerConfig config, ContainerSurroundings around)
      throws IOException {
    try (ImageStore.Adding adding = images.adding()) {
      assert adding != null;
      Image image =
          images
              .find(config.image())
              .orElseThrow(
                  () -> new RuntimeServiceException.NotFound("no image " + config.image()));
      List<String> layers = images.unpack(image);
      if (OciSpec.command(config, image.config()).isEmpty()) {
        throw new RuntimeServiceException("no command specified");
      }
      ContainerUser user = user(config, image, layers, sandbox);
      String cgroup = sandbox.cgroup() + "/" + id;
      for (Path p : List.of(layout.upper(id), layout.work(id), layout.rootfs(id))) {
        Files.createDirectories(p);
      }
      copyRootMetadata(layers, id);
      List<Mount> volumes = ImageVolumes.make(linux, layout.container(id), image, config, images);
      MountedImages mounted = MountedImages.of(config, images, layout.bundle(id));
      for (Mount m : config.mounts()) {
        if (m.image().isEmpty()
            && !Files.exists(Path.of(m.hostPath()), LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(Path.of(m.hostPath()));
        }
      }
      String logFile =
          config.logPath().isEmpty() || sandbox.config().logDirectory().isEmpty()
              ? ""
              : Path.of(sandbox.config().logDirectory(), config.logPath()).toString();
      if (!logFile.isEmpty()) {
        Files.createDirectories(Path.of(logFile).toAbsolutePath().getParent());
      }
      Map<String, Object> spec =
          OciSpec.of(
              config.withMounts(mounted.mounts()),
              image.config(),
              user,
              around.of(
                  config, layout.rootfs(id).toString(), volumes, cgroup, this::targetNamespace));
      Json.writeFile(spec(id), spec);
      String signal =
          config.stopSignal().isEmpty() ? image.config().stopSignal() : config.stopSignal();
      List<String> digests = images.info(image).repoDigests();
      ContainerRecord r =
          new ContainerRecord(
              id,
              sandbox.id(),
              config,
              clock.instant(),
              image.id().toString(),
              digests.isEmpty() ? image.id().toString() : digests.getFirst(),
              layers,
              mounted.images(),
              logFile,
              Signals.number(signal),
              cgroup,
              user,
              config.resources(),
              ContainerState.CREATED,
              null,
              null,
              0,
              "",
              "",
              null,
              null);
      save(r);
      entries.put(id, new Entry(r));
      publish(ContainerEvent.Type.CREATED, r);
      return r;
    } catch (IOException | RuntimeException e) {
      FileTree.delete(layout.bundle(id));
      FileTree.delete(layout.container(id));
      throw e;
    }
  }

  private String targetNamespace(String targetId) {
    return "/proc/" + running(targetId).pid() + "/ns/pid";
  }

  /** The root of the image may have another owner or mode than a new directory's. */
  private void copyRootMetadata(List<String> layers, String id) throws IOException {
    if (!layers.isEmpty()) {
      io.jurumudi.runtime.image.FileCopies.metadata(
          linux, images.layers().path(layers.getLast()), layout.upper(id));
    }
  }

  private ContainerUser user(
      ContainerConfig config, Image image, List<String> layers, SandboxRecord sandbox)
      throws IOException {
    var security = config.security();
    UserLookup lookup = new UserLookup(images.layers().view(layers));
    Long runAs = security.runAsUser();
    String spec =
        runAs != null
            ? runAs.toString()
            : security.runAsUsername().isEmpty() ? image.config().user() : security.runAsUsername();
    ContainerUser u = lookup.resolve(spec, !security.supplementalGroupsStrict());
    Long group = security.runAsGroup();
    java.util.TreeSet<Long> groups = new java.util.TreeSet<>(u.supplementalGroups());
    if (group != null) {
      groups.remove(u.gid());
      groups.add(group);
    }
    groups.addAll(security.supplementalGroups());
    groups.addAll(sandbox.config().supplementalGroups());
    return new ContainerUser(u.uid(), group != null ? group : u.gid(), List.copyOf(groups));
  }

  private Path spec(String id) {
    return layout.bundle(id).resolve("config.json");
  }

  private OciRuntime.Root root(ContainerRecord r) {
    return new OciRuntime.Root(
        images.layers().directory(),
        r.layers(),
        layout.upper(r.id()),
        layout.work(r.id()),
        layout.rootfs(r.id()),
        List.of("index=off", "metacopy=off"),
        r.images());
  }

  void start(String id) throws IOException {
    Entry e = entry(id);
    e.lock.lock();
    try {
      ContainerRecord r = e.record;
      if (r.state() != ContainerState.CREATED) {
        throw new RuntimeServiceException(
            "container " + id + " cannot be started: it is " + r.state());
      }
      boolean shared =
          r.config().mounts().stream()
              .anyMatch(m -> m.propagation() == Mount.Propagation.BIDIRECTIONAL);
      try {
        Conmon.Created c =
            oci.withRoot(
                root(r),
                shared,
                mounts ->
                    conmon.create(
                        id,
                        oci.command(mounts),
                        r.logFile(),
                        r.config().stdin(),
                        r.config().stdinOnce(),
                        r.config().tty()));
        if (shared) {
          // Mounted where propagation reaches the host; the container has its own by now.
          linux.mounts().detach(layout.rootfs(id));
        }
        update(e, r.starting(clock.instant()).running(c.process(), c.monitor()));
        watch(e, c.monitor());
        oci.release(id);
      } catch (IOException | RuntimeException x) {
        String why = x.getMessage() == null ? x.toString() : x.getMessage();
        cleanUp(e.record);
        update(
            e, r.starting(clock.instant()).exited(clock.instant(), START_ERROR, "StartError", why));
        e.exit.complete(e.record);
        publish(ContainerEvent.Type.STOPPED, e.record);
        throw x;
      }
      publish(ContainerEvent.Type.STARTED, e.record);
    } finally {
      e.lock.unlock();
    }
  }

  private void watch(Entry e, ProcessId monitor) {
    String id = e.record.id();
    watcher.watch(monitor.pid(), () -> ended(e, id));
  }

  /** conmon has ended: the container has, and its exit code is in a file; or conmon was killed. */
  private void ended(Entry e, String id) {
    e.lock.lock();
    try {
      ContainerRecord r = e.record;
      if (r.state() != ContainerState.RUNNING || e.removed) {
        return;
      }
      boolean oom = conmon.sawOutOfMemory(id) || oomKills(r) > 0;
      cleanUp(r);
      update(e, outcome(r, oom));
      publish(ContainerEvent.Type.STOPPED, e.record);
      e.exit.complete(e.record);
    } catch (IOException x) {
      LOG.error("container end cannot be recorded container={}", id, x);
    } finally {
      e.lock.unlock();
    }
  }

  private ContainerRecord outcome(ContainerRecord r, boolean oom) {
    Path file = layout.exit(r.id());
    try {
      int code = Integer.parseInt(Files.readString(file).strip());
      Instant at = Files.getLastModifiedTime(file).toInstant();
      String reason = oom ? "OOMKilled" : code == 0 ? "Completed" : "Error";
      return r.exited(at, code, reason, "");
    } catch (IOException | NumberFormatException x) {
      return r.exited(
          clock.instant(), KILLED, "Error", "the container ended together with its monitor");
    }
  }

  private long oomKills(ContainerRecord r) {
    try {
      return cgroup(r).stats().oomKills();
    } catch (RuntimeException x) {
      return 0;
    }
  }

  /** What a container's processes leave behind: others of its cgroup, the runtime's state. */
  private void cleanUp(ContainerRecord r) throws IOException {
    Cgroup c = cgroup(r);
    if (c.exists()) {
      c.killAll(KILL_PATIENCE);
      c.remove();
    }
    FileTree.delete(oci.stateDirectory(r.id()));
  }

  private Cgroup cgroup(ContainerRecord r) {
    return linux.cgroups().at(r.cgroup());
  }

  /** Stop signal, then SIGKILL after {@code grace}; returns when the container has ended. */
  void stop(String id, Duration grace) throws IOException {
    Entry e = entry(id);
    ContainerRecord r = e.record;
    ProcessId p = r.process();
    if (r.state() != ContainerState.RUNNING || p == null) {
      return;
    }
    if (grace.isPositive()) {
      p.signal(linux, r.stopSignal());
      if (await(e, grace)) {
        return;
      }
    }
    kill(e);
  }

  private void kill(Entry e) throws IOException {
    ContainerRecord r = e.record;
    ProcessId p = r.process();
    if (r.state() == ContainerState.RUNNING && p != null) {
      p.signal(linux, Processes.SIGKILL);
      cgroup(r).killAll(KILL_PATIENCE);
      if (!await(e, KILL_PATIENCE)) {
        throw new RuntimeServiceException("container " + r.id() + " did not end after SIGKILL");
      }
    }
  }

  private static boolean await(Entry e, Duration limit) throws IOException {
    try {
      e.exit.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException x) {
      return false;
    } catch (ExecutionException x) {
      throw new IOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", x);
    }
  }

  /** Kills it when it runs, and deletes its files; does nothing when there is none. */
  void remove(String id) throws IOException {
    Entry e = entries.get(id);
    if (e == null) {
      return;
    }
    kill(e);
    e.lock.lock();
    try {
      if (e.removed) {
        return;
      }
      e.removed = true;
      cleanUp(e.record);
      Files.deleteIfExists(layout.containerRecord(id));
      FileTree.delete(layout.bundle(id));
      Files.deleteIfExists(layout.exit(id));
      FileTree.delete(layout.container(id));
      entries.remove(id);
      publish(ContainerEvent.Type.DELETED, e.record);
    } finally {
      e.lock.unlock();
    }
  }

  void updateResources(String id, LinuxResources resources) throws IOException {
    Entry e = entry(id);
    e.lock.lock();
    try {
      ContainerRecord r = e.record;
      if (r.state() == ContainerState.RUNNING) {
        cgroup(r).apply(limits(resources));
      }
      update(e, r.withResources(merge(r.status().resources(), resources)));
    } finally {
      e.lock.unlock();
    }
  }

  static CgroupLimits limits(LinuxResources resources) {
    return new CgroupLimits(
        resources.cpuShares(),
        resources.cpuQuotaMicros(),
        resources.cpuPeriodMicros(),
        resources.memoryLimitBytes(),
        0,
        resources.cpusetCpus(),
        resources.cpusetMems(),
        resources.unified());
  }

  private static LinuxResources merge(LinuxResources has, LinuxResources gets) {
    Map<String, String> unified = new HashMap<>(has.unified());
    unified.putAll(gets.unified());
    return new LinuxResources(
        gets.cpuPeriodMicros() != 0 ? gets.cpuPeriodMicros() : has.cpuPeriodMicros(),
        gets.cpuQuotaMicros() != 0 ? gets.cpuQuotaMicros() : has.cpuQuotaMicros(),
        gets.cpuShares() != 0 ? gets.cpuShares() : has.cpuShares(),
        gets.memoryLimitBytes() != 0 ? gets.memoryLimitBytes() : has.memoryLimitBytes(),
        gets.oomScoreAdj() != null ? gets.oomScoreAdj() : has.oomScoreAdj(),
        gets.cpusetCpus().isEmpty() ? has.cpusetCpus() : gets.cpusetCpus(),
        gets.cpusetMems().isEmpty() ? has.cpusetMems() : gets.cpusetMems(),
        Map.copyOf(unified));
  }

  ContainerStats stats(String id) {
    ContainerRecord r = get(id);
    FileTree.Usage disk = FileTree.usage(layout.upper(id));
    CgroupStats s =
        r.state() == ContainerState.RUNNING
            ? cgroup(r).stats()
            : new CgroupStats(0, 0, 0, 0, 0, 0, 0, 0);
    return new ContainerStats(
        id,
        clock.instant(),
        s.cpuNanos(),
        s.workingSetBytes(),
        s.memoryBytes(),
        s.rssBytes(),
        s.pageFaults(),
        s.majorPageFaults(),
        disk.bytes(),
        disk.inodes());
  }

  // ---- on disk

  /** Finds the containers of an earlier engine: those whose monitor lives run on untouched. */
  void recover() throws IOException {
    Files.createDirectories(layout.containers());
    Files.createDirectories(layout.exits());
    List<Path> directories = new ArrayList<>();
    try (DirectoryStream<Path> s = Files.newDirectoryStream(layout.containers())) {
      s.forEach(directories::add);
    }
    for (Path dir : directories) {
      String id = dir.getFileName().toString();
      Optional<ContainerRecord> read = read(layout.containerRecord(id));
      if (read.isEmpty()) {
        // Begun and never finished.
        FileTree.delete(dir);
        FileTree.delete(layout.bundle(id));
        continue;
      }
      Entry e = new Entry(read.get());
      entries.put(id, e);
      recover(e);
    }
  }

  private void recover(Entry e) throws IOException {
    ContainerRecord r = e.record;
    switch (r.state()) {
      case RUNNING -> {
        ProcessId monitor = r.monitor();
        if (monitor != null && monitor.isAlive(linux)) {
          watch(e, monitor);
        } else {
          ended(e, r.id());
        }
      }
      case CREATED -> {
        // Between creation and start; after a reboot its bundle is gone.
        if (!Files.exists(spec(r.id())) || cgroup(r).exists()) {
          cleanUp(r);
          update(
              e,
              r.exited(clock.instant(), KILLED, "Error", "the engine ended before it was started"));
          e.exit.complete(e.record);
        }
      }
      default -> e.exit.complete(r);
    }
  }

  static Optional<ContainerRecord> read(Path file) {
    try {
      return Optional.of(
          RecordTree.fromTree(ContainerRecord.class, Json.parse(Files.readAllBytes(file))));
    } catch (IOException | IllegalArgumentException x) {
      return Optional.empty();
    }
  }

  private void update(Entry e, ContainerRecord r) throws IOException {
    e.record = r;
    save(r);
  }

  private void save(ContainerRecord r) throws IOException {
    Json.writeFile(layout.containerRecord(r.id()), RecordTree.toTree(r));
  }

  private void publish(ContainerEvent.Type type, ContainerRecord r) {
    events.publish(new ContainerEvent(type, r.sandboxId(), r.id(), clock.instant()));
  }
}
