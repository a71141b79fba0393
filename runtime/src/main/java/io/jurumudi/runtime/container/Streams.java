package io.jurumudi.runtime.container;

import io.jurumudi.cri.ExecIo;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.TerminalSize;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.NativeSocket;
import io.jurumudi.linux.Processes;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Exec, attach and port-forward: joins a peer's streams to processes and sockets of containers.
 * Each copy has a thread; the call returns when the process has ended or the peer has gone.
 */
final class Streams {
  /** Most output of a command that is run to its end; the rest is dropped. */
  private static final int MAX_SYNC_OUTPUT = 16 << 20;

  /** What is kept of a command's first output, for the error when it could not be started. */
  private static final int MAX_MESSAGE = 4096;

  /** How long output may still come after the end of a command whose children hold its pipes. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private static final Duration ENDLESS = Duration.ofDays(36500);
  private static final int STDERR_PACKET = 3;

  private final Linux linux;
  private final Layout layout;
  private final OciRuntime oci;
  private final Conmon conmon;

  Streams(Linux linux, Layout layout, OciRuntime oci, Conmon conmon) {
    this.linux = linux;
    this.layout = layout;
    this.oci = oci;
    this.conmon = conmon;
  }

  // ---- exec

  ExecResult execSync(String id, List<String> command, Duration timeout) throws IOException {
    Capture out = new Capture(MAX_SYNC_OUTPUT);
    Capture err = new Capture(MAX_SYNC_OUTPUT);
    int code =
        exec(
            id,
            command,
            false,
            new ExecIo(null, out, err, r -> {}),
            timeout.isPositive() ? timeout : ENDLESS);
    return new ExecResult(code, out.toByteArray(), err.toByteArray());
  }

  int exec(String id, List<String> command, boolean tty, ExecIo io) throws IOException {
    return exec(id, command, tty, io, ENDLESS);
  }

  private int exec(String id, List<String> command, boolean tty, ExecIo io, Duration timeout)
      throws IOException {
    Path dir = layout.bundle(id).resolve("exec-" + UUID.randomUUID().toString().substring(0, 8));
    Files.createDirectories(dir);
    try {
      Path spec = dir.resolve("process.json");
      Json.writeFile(spec, process(id, command, tty));
      Path pidFile = dir.resolve("pid");
      List<String> args = new ArrayList<>(List.of("exec"));
      args.addAll(List.of("--process", spec.toString(), "--pid-file", pidFile.toString()));
      return tty
          ? execTerminal(id, args, dir, pidFile, io, timeout)
          : execPipes(id, args, pidFile, io, timeout);
    } finally {
      FileTree.delete(dir);
    }
  }

  /** The container's own process with another command. */
  private Map<String, Object> process(String id, List<String> command, boolean tty)
      throws IOException {
    Map<String, Object> spec =
        Json.parseObject(Files.readAllBytes(layout.bundle(id).resolve("config.json")));
    Map<String, Object> p = new LinkedHashMap<>(Json.object(spec, "process"));
    p.put("args", new ArrayList<Object>(command));
    p.put("terminal", tty);
    if (tty) {
      List<Object> env = new ArrayList<>(Json.list(p, "env"));
      if (env.stream().noneMatch(e -> String.valueOf(e).startsWith("TERM="))) {
        env.add("TERM=xterm");
      }
      p.put("env", env);
    }
    return p;
  }

  private int execPipes(String id, List<String> args, Path pidFile, ExecIo io, Duration timeout)
      throws IOException {
    args.add(id);
    Process p = oci.start(args);
    InputStream stdin = io.stdin();
    if (stdin == null) {
      p.getOutputStream().close();
    } else {
      Thread.ofVirtual().start(() -> feed(stdin, p.getOutputStream()));
    }
    Capture unheard = new Capture(MAX_MESSAGE);
    Thread out = Thread.ofVirtual().start(() -> copy(p.getInputStream(), io.stdout(), unheard));
    Thread err = Thread.ofVirtual().start(() -> copy(p.getErrorStream(), io.stderr(), unheard));
    int code = await(p, pidFile, timeout);
    join(out, p.getInputStream());
    join(err, p.getErrorStream());
    if (!Files.exists(pidFile) && code != 0) {
      throw new RuntimeServiceException("failed to exec in container: " + unheard.text());
    }
    return code;
  }

  private int execTerminal(
      String id, List<String> args, Path dir, Path pidFile, ExecIo io, Duration timeout)
      throws IOException {
    Path console = dir.resolve("c");
    try (Directory d = new Directory(dir);
        NativeSocket listener = NativeSocket.listen(d.path("c"))) {
      args.addAll(List.of("--tty", "--console-socket", console.toString(), id));
      Process p = oci.start(args);
      p.getOutputStream().close();
      Capture messages = new Capture(MAX_MESSAGE);
      Thread err = Thread.ofVirtual().start(() -> copy(p.getErrorStream(), null, messages));
      // A runtime that fails never connects: its end wakes the thread that accepts.
      var unused = p.onExit().thenRun(listener::end);
      NativeSocket terminal;
      try (NativeSocket peer = listener.accept()) {
        terminal = peer.receiveDescriptor();
      } catch (IOException e) {
        int code = await(p, pidFile, timeout);
        join(err, p.getErrorStream());
        throw new RuntimeServiceException(
            "failed to exec in container: " + messages.text() + " (exit code " + code + ")", e);
      }
      OutputStream stdout = io.stdout();
      Thread reader =
          Thread.ofPlatform().name("exec-terminal").daemon().start(() -> pump(terminal, stdout));
      io.resizes().accept(size -> resize(terminal, size));
      InputStream stdin = io.stdin();
      if (stdin != null) {
        Thread.ofPlatform().name("exec-stdin").daemon().start(() -> feed(stdin, terminal));
      }
      int code = await(p, pidFile, timeout);
      join(reader, null);
      return code;
    }
  }

  private static void resize(NativeSocket terminal, TerminalSize size) {
    try {
      terminal.resize(size.width(), size.height());
    } catch (IOException e) {
      // It has ended: nobody looks at its size any more.
      return;
    }
  }

  private static void pump(NativeSocket terminal, @Nullable OutputStream out) {
    try (terminal) {
      terminal.copyTo(out == null ? OutputStream.nullOutputStream() : out);
    } catch (IOException e) {
      // The peer has gone: closing the terminal hangs the process up.
      return;
    }
  }

  private static void feed(InputStream in, NativeSocket terminal) {
    try {
      terminal.sendAll(in);
    } catch (IOException e) {
      // Peer or process has gone; the other direction ends the session.
      return;
    }
  }

  private static void feed(InputStream in, OutputStream out) {
    try (out) {
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // As above.
      return;
    }
  }

  private static void copy(InputStream in, @Nullable OutputStream to, Capture unheard) {
    try (in) {
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        unheard.write(buffer, 0, n);
        if (to != null) {
          to.write(buffer, 0, n);
          to.flush();
        }
      }
    } catch (IOException e) {
      // The peer has gone: the closed pipe tells the process.
      return;
    }
  }

  private int await(Process p, Path pidFile, Duration timeout) throws IOException {
    try {
      if (p.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        return p.exitValue();
      }
      if (Files.exists(pidFile)) {
        linux
            .processes()
            .kill(Integer.parseInt(Files.readString(pidFile).strip()), Processes.SIGKILL);
      }
      p.destroyForcibly();
      throw new RuntimeServiceException(
          "command timed out: it took longer than " + timeout.toMillis() / 1000.0 + "s");
    } catch (InterruptedException e) {
      p.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void join(Thread t, @Nullable InputStream hold) throws IOException {
    try {
      if (!t.join(DRAIN) && hold != null) {
        hold.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  // ---- attach

  void attach(String id, boolean tty, ExecIo io) throws IOException {
    Path socket = conmon.attachSocket(id);
    Path dir = layout.bundle(id);
    NativeSocket s;
    try (Directory d = new Directory(dir)) {
      s = NativeSocket.connectPackets(d.path(socket.getFileName().toString()));
    }
    try (s) {
      io.resizes()
          .accept(
              size -> {
                try {
                  conmon.resize(id, size.width(), size.height());
                } catch (IOException e) {
                  // It has ended.
                  return;
                }
              });
      InputStream stdin = io.stdin();
      if (stdin != null) {
        Thread.ofPlatform()
            .name("attach-stdin")
            .daemon()
            .start(
                () -> {
                  feed(stdin, s);
                  s.endOutput();
                });
      }
      byte[] packet = new byte[32769];
      for (int n = s.read(packet); n >= 0; n = s.read(packet)) {
        OutputStream to = packet[0] == STDERR_PACKET && !tty ? io.stderr() : io.stdout();
        if (to != null && n > 1) {
          to.write(packet, 1, n - 1);
          to.flush();
        }
      }
    } catch (IOException e) {
      // The peer or the container has gone: either way the attachment ends.
      return;
    }
  }

  /**
   * Names files of a directory by way of a short link, since a socket's path may have 107 bytes and
   * a bundle's path alone can be longer.
   */
  private static final class Directory implements AutoCloseable {
    private final Path link;

    Directory(Path dir) throws IOException {
      link = Path.of("/tmp", "jm-" + UUID.randomUUID());
      Files.createSymbolicLink(link, dir);
    }

    String path(String name) {
      return link.resolve(name).toString();
    }

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(link);
    }
  }

  // ---- port-forward

  void portForward(
      String sandboxId, boolean hostNetwork, int port, InputStream in, OutputStream out)
      throws IOException {
    SocketChannel c =
        hostNetwork
            ? connect(port)
            : linux
                .namespaces()
                .inside(Namespace.NETWORK, layout.namespace(sandboxId, "net"), () -> connect(port));
    try (c) {
      Thread.ofVirtual()
          .start(
              () -> {
                OutputStream to = Channels.newOutputStream(c);
                try {
                  byte[] buffer = new byte[32768];
                  for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    to.write(buffer, 0, n);
                  }
                  c.shutdownOutput();
                } catch (IOException e) {
                  // The peer vanished: end the other direction too.
                  closeQuietly(c);
                }
              });
      byte[] buffer = new byte[32768];
      InputStream from = Channels.newInputStream(c);
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
    }
  }

  private static void closeQuietly(SocketChannel c) {
    try {
      c.close();
    } catch (IOException e) {
      // Nothing more can be done with it.
      return;
    }
  }

  private static SocketChannel connect(int port) throws IOException {
    try {
      return SocketChannel.open(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
    } catch (IOException e) {
      try {
        return SocketChannel.open(new InetSocketAddress(InetAddress.ofLiteral("::1"), port));
      } catch (IOException v6) {
        throw new IOException(
            "failed to connect to localhost:" + port + " inside namespace: " + e.getMessage(), e);
      }
    }
  }

  /** Keeps what fits and drops the rest. */
  private static final class Capture extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int limit;

    Capture(int limit) {
      this.limit = limit;
    }

    @Override
    public synchronized void write(int b) {
      if (bytes.size() < limit) {
        bytes.write(b);
      }
    }

    @Override
    public synchronized void write(byte[] b, int off, int len) {
      bytes.write(b, off, Math.min(len, limit - bytes.size()));
    }

    synchronized byte[] toByteArray() {
      return bytes.toByteArray();
    }

    synchronized String text() {
      return bytes.toString(java.nio.charset.StandardCharsets.UTF_8).strip();
    }
  }
}
