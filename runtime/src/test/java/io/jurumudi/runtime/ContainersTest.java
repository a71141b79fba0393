package io.jurumudi.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ExecIo;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.cri.TerminalSize;
import io.jurumudi.runtime.Bench.Spec;
import io.jurumudi.runtime.image.ImageStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Real sandboxes and containers: needs root, crun, conmon and a static busybox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainersTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Bench bench;

  ContainersTest() throws IOException {
    bench = new Bench();
  }

  @BeforeAll
  void image() throws IOException {
    ImageStore images = bench.engine().imageStore();
    Bench.busybox(images, bench.linux);
  }

  @AfterAll
  void destroy() throws IOException {
    bench.close();
    assertThat(bench.linux.mounts().list()).noneMatch(m -> m.target().startsWith(bench.dir));
    assertThat(bench.linux.cgroups().at(bench.config.name()).exists()).isFalse();
    assertThat(Path.of("/sys/fs/cgroup/unified", bench.config.name())).doesNotExist();
  }

  private String sh(String id, String script) {
    ExecResult r = bench.runtime().execSync(id, List.of("/bin/sh", "-c", script), LIMIT);
    assertThat(r.exitCode()).as(new String(r.stderr(), StandardCharsets.UTF_8)).isZero();
    return new String(r.stdout(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void runsFromStartToExitAndSaysSoAtOnce() throws IOException {
    List<ContainerEvent.Type> events = new CopyOnWriteArrayList<>();
    String box = bench.sandbox("life");
    String id;
    try (var s = bench.runtime().subscribe(e -> events.add(e.type()))) {
      assertThat(s).isNotNull();
      id = bench.create(box, Spec.sh("main", "echo out; echo err >&2; exit 3"));
      assertThat(bench.runtime().containerStatus(id).state()).isEqualTo(ContainerState.CREATED);
      bench.runtime().startContainer(id);
      ContainerStatus end = bench.awaitExit(id);
      assertThat(end.exitCode()).isEqualTo(3);
      assertThat(end.reason()).isEqualTo("Error");
      assertThat(end.finishedAt()).isAfterOrEqualTo(end.startedAt());
      assertThat(bench.log(id).lines())
          .anyMatch(l -> l.matches("\\d{4}-\\d\\d-\\d\\dT\\S+ stdout F out"))
          .anyMatch(l -> l.endsWith(" stderr F err"));
      bench.runtime().removeContainer(id);
      Bench.await(() -> events.size() == 4, "events");
    }
    assertThat(events)
        .containsExactly(
            ContainerEvent.Type.CREATED,
            ContainerEvent.Type.STARTED,
            ContainerEvent.Type.STOPPED,
            ContainerEvent.Type.DELETED);
    assertThatThrownBy(() -> bench.runtime().containerStatus(id))
        .isInstanceOf(RuntimeServiceException.NotFound.class);
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void givesProcessesTheirSurroundings() throws IOException {
    Path data = Files.createDirectories(bench.dir.resolve("mounted"));
    Files.writeString(data.resolve("f"), "from the host");
    String box = bench.sandbox("around");
    String id =
        bench.start(
            box,
            Spec.sh("main", "sleep 1000")
                .env("GIVEN", "a b")
                .mount("/data", data, true)
                .security(
                    Bench.security(Bench.POD, 1000L, true, SecurityProfile.Type.RUNTIME_DEFAULT)));
    assertThat(sh(id, "id")).isEqualTo("uid=1000(web) gid=1001(web) groups=50(staff),1001(web)");
    assertThat(sh(id, "hostname; echo $HOSTNAME $BASE $GIVEN")).isEqualTo("around\naround yes a b");
    assertThat(sh(id, "cat /data/f; touch /data/g 2>&1 || true")).contains("Read-only file system");
    assertThat(sh(id, "touch /x 2>&1 || true")).contains("Read-only file system");
    assertThat(sh(id, "cat /etc/resolv.conf"))
        .isEqualTo("search svc.local\nnameserver 10.0.0.10\noptions ndots:5");
    assertThat(sh(id, "unshare -r true 2>&1 || true")).contains("not permitted");
    assertThat(sh(id, "cat /proc/1/oom_score_adj; ls /proc | grep -c '^[0-9]*$'")).isNotEmpty();
    assertThat(bench.runtime().containerStats(id).memoryUsageBytes()).isPositive();
    assertThat(bench.runtime().podSandboxStats(box).processes()).isPositive();
    bench.runtime().removePodSandbox(box);
    assertThat(bench.runtime().listContainers("")).noneMatch(c -> c.sandboxId().equals(box));
  }

  @Test
  void sharesWhatTheContainersOfAPodShare() {
    String box = bench.sandbox("shared");
    String a = bench.start(box, Spec.sh("a", "echo hi > /dev/shm/x; nc -l -p 7000 -e cat"));
    String b = bench.start(box, Spec.sh("b", "sleep 1000"));
    Bench.await(() -> sh(b, "cat /dev/shm/x || true").equals("hi"), "shared memory");
    Bench.await(() -> sh(b, "echo ping | nc 127.0.0.1 7000 || true").equals("ping"), "loopback");
    assertThat(sh(b, "echo $$; ps | grep -c 'nc -l' || true")).doesNotContain("nc -l -p");
    bench.runtime().stopPodSandbox(box);
    assertThat(bench.runtime().containerStatus(a).state()).isEqualTo(ContainerState.EXITED);
    assertThat(bench.runtime().podSandboxStatus(box).state()).isEqualTo(SandboxState.NOT_READY);
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void sharesAPidNamespaceOnRequest() {
    NamespaceOption pids =
        new NamespaceOption(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "");
    String box = bench.runtime().runPodSandbox(bench.sandbox("pids", pids), "");
    String a = bench.start(box, Spec.sh("a", "exec sleep 4321").security(Bench.plain(pids)));
    String b = bench.start(box, Spec.sh("b", "exec sleep 1000").security(Bench.plain(pids)));
    assertThat(sh(b, "ps")).contains("sleep 4321").contains("sleep infinity");
    bench.runtime().stopContainer(a, Duration.ofSeconds(5));
    assertThat(bench.runtime().containerStatus(a).exitCode()).isEqualTo(143);
    assertThat(sh(b, "ps")).doesNotContain("sleep 4321");
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void stopsWithTheSignalThenKills() {
    String box = bench.sandbox("stop");
    String polite =
        bench.start(
            box, Spec.sh("polite", "trap 'exit 7' TERM; echo set; while :; do sleep 0.05; done"));
    String deaf =
        bench.start(box, Spec.sh("deaf", "trap '' TERM; echo set; while :; do sleep 0.05; done"));
    Bench.await(() -> bench.log(polite).contains("set"), "trap");
    Bench.await(() -> bench.log(deaf).contains("set"), "trap");
    bench.runtime().stopContainer(polite, LIMIT);
    assertThat(bench.runtime().containerStatus(polite).exitCode()).isEqualTo(7);
    bench.runtime().stopContainer(deaf, Duration.ofMillis(100));
    assertThat(bench.runtime().containerStatus(deaf).exitCode()).isEqualTo(137);
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void saysWhyAContainerCannotStart() {
    String box = bench.sandbox("bad");
    String id = bench.create(box, new Spec("bad", "/no/such/program"));
    assertThatThrownBy(() -> bench.runtime().startContainer(id))
        .isInstanceOf(RuntimeServiceException.class)
        .hasMessageContaining("/no/such/program");
    assertThat(bench.runtime().containerStatus(id).exitCode()).isEqualTo(128);
    assertThat(bench.runtime().containerStatus(id).reason()).isEqualTo("StartError");
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void enforcesAndChangesLimits() {
    String box = bench.sandbox("limits");
    LinuxResources small = new LinuxResources(100000, 20000, 102, 32 << 20, 500, "", "", Map.of());
    String id =
        bench.start(
            box,
            Spec.sh("eater", "sleep 0.2; head -c 200000000 /dev/zero | tail").resources(small));
    ContainerStatus end = bench.awaitExit(id);
    assertThat(end.reason()).isEqualTo("OOMKilled");
    assertThat(end.exitCode()).isEqualTo(137);
    String other = bench.start(box, Spec.sh("other", "sleep 1000").resources(small));
    bench
        .runtime()
        .updateContainerResources(
            other, new LinuxResources(100000, 40000, 204, 64 << 20, null, "", "", Map.of()));
    assertThat(bench.runtime().containerStatus(other).resources().memoryLimitBytes())
        .isEqualTo(64 << 20);
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void executesCommandsWithStreamsTerminalAndTimeout() throws IOException {
    String box = bench.sandbox("exec");
    String id = bench.start(box, Spec.sh("main", "sleep 1000"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        bench
            .runtime()
            .exec(
                id,
                List.of("/bin/sh", "-c", "cat; echo no >&2; exit 5"),
                false,
                new ExecIo(
                    new ByteArrayInputStream("typed".getBytes(StandardCharsets.UTF_8)),
                    out,
                    err,
                    r -> {}));
    assertThat(code).isEqualTo(5);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("typed");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("no\n");

    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream stdin = new PipedInputStream(keys)) {
      keys.write(
          "read x; tty; stty size; echo got $x; exit 4\nword\n".getBytes(StandardCharsets.UTF_8));
      code =
          bench
              .runtime()
              .exec(
                  id,
                  List.of("/bin/sh"),
                  true,
                  new ExecIo(stdin, screen, null, r -> r.accept(new TerminalSize(93, 31))));
    }
    assertThat(code).isEqualTo(4);
    assertThat(screen.toString(StandardCharsets.UTF_8))
        .contains("/dev/pts/")
        .contains("31 93")
        .contains("got word");

    assertThatThrownBy(
            () -> bench.runtime().execSync(id, List.of("/bin/sleep", "77"), Duration.ofMillis(300)))
        .hasMessageContaining("timed out");
    Bench.await(() -> !sh(id, "ps").contains("sleep 77"), "the command's end");
    assertThatThrownBy(() -> bench.runtime().execSync(id, List.of("nothing"), LIMIT))
        .hasMessageContaining("nothing");
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void attachesToStreamsAndTerminals() throws Exception {
    String box = bench.sandbox("attach");
    String id =
        bench.start(box, Spec.sh("main", "read a; echo said $a; read b; echo end").stdin(false));
    attachAndExpect(id, false, "said hello");
    String tty = bench.start(box, Spec.sh("tty", "read a; stty size; echo end $a").stdin(true));
    attachAndExpect(tty, true, "44 123");
    bench.runtime().removePodSandbox(box);
  }

  private void attachAndExpect(String id, boolean tty, String expected) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream stdin = new PipedInputStream(keys)) {
      Thread t =
          Thread.ofVirtual()
              .start(
                  () ->
                      bench
                          .runtime()
                          .attach(
                              id,
                              tty,
                              new ExecIo(
                                  stdin, out, out, r -> r.accept(new TerminalSize(123, 44)))));
      keys.write("hello\nmore\n".getBytes(StandardCharsets.UTF_8));
      keys.flush();
      Bench.await(
          () -> out.toString(StandardCharsets.UTF_8).contains(expected),
          "attached output, have " + out.toString(StandardCharsets.UTF_8));
      bench.awaitExit(id);
      assertThat(t.join(LIMIT)).isTrue();
    }
  }

  @Test
  void forwardsPorts() throws Exception {
    String box = bench.sandbox("ports");
    bench.start(box, Spec.sh("main", "nc -l -p 8080 -e cat"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Bench.await(
        () -> {
          try {
            bench
                .runtime()
                .portForward(
                    box,
                    8080,
                    new ByteArrayInputStream("through".getBytes(StandardCharsets.UTF_8)),
                    out);
            return true;
          } catch (RuntimeServiceException e) {
            return false;
          }
        },
        "server");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("through");
    assertThatThrownBy(
            () ->
                bench
                    .runtime()
                    .portForward(
                        box,
                        9,
                        new ByteArrayInputStream(new byte[0]),
                        OutputStream.nullOutputStream()))
        .hasMessageContaining("localhost:9");
    bench.runtime().removePodSandbox(box);
  }

  @Test
  void reopensLogs() throws IOException {
    String box = bench.sandbox("logs");
    String id = bench.start(box, Spec.sh("main", "while :; do echo tick; sleep 0.02; done"));
    Path log = Path.of(bench.runtime().containerStatus(id).logPath());
    Bench.await(() -> Files.exists(log) && size(log) > 0, "first lines");
    Files.move(log, log.resolveSibling("old.log"));
    bench.runtime().reopenContainerLog(id);
    Bench.await(() -> Files.exists(log) && size(log) > 0, "lines in the new file");
    bench.runtime().removePodSandbox(box);
  }

  private static long size(Path p) {
    try {
      return Files.size(p);
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void containersOutliveTheEngine() throws IOException {
    try (Bench own = new Bench()) {
      Bench.busybox(own.engine().imageStore(), own.linux);
      String box = own.sandbox("durable");
      String runs = own.start(box, Spec.sh("runs", "while :; do sleep 0.05; done"));
      String ends =
          own.start(
              box,
              Spec.sh("ends", "while ! test -e /m/stop; do sleep 0.02; done; exit 9")
                  .mount("/m", Files.createDirectories(own.dir.resolve("m")), false));
      String lost = own.start(box, Spec.sh("lost", "sleep 1000"));
      String pid = pid(own, runs, "runs");
      own.engine().close();
      // While no engine watches: one ends by itself, one loses its monitor.
      Files.createFile(own.dir.resolve("m/stop"));
      Path exit = own.dir.resolve("state/exits").resolve(ends);
      Bench.await(() -> Files.exists(exit), "exit file");
      Path monitor = own.dir.resolve("state/containers").resolve(lost).resolve("conmon.pid");
      own.linux.processes().kill(Integer.parseInt(Files.readString(monitor).strip()), 9);
      own.reopen();
      assertThat(own.runtime().podSandboxStatus(box).state()).isEqualTo(SandboxState.READY);
      assertThat(own.runtime().containerStatus(runs).state()).isEqualTo(ContainerState.RUNNING);
      assertThat(pid(own, runs, "runs")).isEqualTo(pid);
      assertThat(own.awaitExit(ends).exitCode()).isEqualTo(9);
      assertThat(own.awaitExit(lost).exitCode()).isEqualTo(137);
      own.runtime().stopContainer(runs, Duration.ZERO);
      assertThat(own.runtime().containerStatus(runs).exitCode()).isEqualTo(137);
    }
  }

  private static String pid(Bench b, String id, String what) throws IOException {
    Path file = b.dir.resolve("state/containers").resolve(id).resolve("pid");
    assertThat(file).as(what).exists();
    return Files.readString(file);
  }
}
