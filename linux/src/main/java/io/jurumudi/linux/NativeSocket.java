package io.jurumudi.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What Java's unix sockets cannot do: sequential packets (conmon's attach socket), and receiving a
 * descriptor (the terminal that an OCI runtime sends to its console socket). One descriptor, closed
 * once; calls block and belong on platform threads.
 */
public final class NativeSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SUN_PATH = 108;
  private static final long TIOCSWINSZ = 0x5414;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int BUFFER = 32768;

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NativeSocket(int fd) {
    this.fd = fd;
  }

  /** Connects to a SOCK_SEQPACKET socket. */
  public static NativeSocket connectPackets(String path) throws IOException {
    NativeSocket s =
        new NativeSocket(
            (int)
                check(
                    "socket",
                    Kernel.resumed(Syscall.SOCKET, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = address(arena, path);
      check("connect to " + path, Kernel.resumed(Syscall.CONNECT, s.fd, a.address(), a.byteSize()));
      return s;
    } catch (IOException e) {
      s.close();
      throw e;
    }
  }

  /** Listens on a SOCK_STREAM socket. */
  public static NativeSocket listen(String path) throws IOException {
    NativeSocket s =
        new NativeSocket(
            (int)
                check(
                    "socket",
                    Kernel.resumed(Syscall.SOCKET, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = address(arena, path);
      check("bind to " + path, Kernel.resumed(Syscall.BIND, s.fd, a.address(), a.byteSize()));
      check("listen", Kernel.resumed(Syscall.LISTEN, s.fd, 1, 0));
      return s;
    } catch (IOException e) {
      s.close();
      throw e;
    }
  }

  private static MemorySegment address(Arena arena, String path) throws IOException {
    byte[] b = path.getBytes(StandardCharsets.UTF_8);
    if (b.length >= SUN_PATH) {
      throw new IOException("socket path is longer than " + (SUN_PATH - 1) + " bytes: " + path);
    }
    MemorySegment a = arena.allocate(2 + SUN_PATH, 8);
    a.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(b, 0, a, ValueLayout.JAVA_BYTE, 2, b.length);
    return a;
  }

  public NativeSocket accept() throws IOException {
    return new NativeSocket((int) check("accept", Kernel.resumed(Syscall.ACCEPT, fd, 0, 0)));
  }

  /** Receives one descriptor that the peer sends with a message (unix(7), SCM_RIGHTS). */
  public NativeSocket receiveDescriptor() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(4096);
      MemorySegment iov = arena.allocate(16, 8);
      iov.set(ValueLayout.JAVA_LONG, 0, data.address());
      iov.set(ValueLayout.JAVA_LONG, 8, data.byteSize());
      MemorySegment control = arena.allocate(64, 8);
      // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags.
      MemorySegment msg = arena.allocate(56, 8);
      msg.set(ValueLayout.JAVA_LONG, 16, iov.address());
      msg.set(ValueLayout.JAVA_LONG, 24, 1);
      msg.set(ValueLayout.JAVA_LONG, 32, control.address());
      msg.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
      check("recvmsg", Kernel.resumed(Syscall.RECVMSG, fd, msg.address(), MSG_CMSG_CLOEXEC));
      // struct cmsghdr is 16 bytes: length, level, type; then the descriptor.
      if (msg.get(ValueLayout.JAVA_LONG, 40) < 20) {
        throw new IOException("the OCI runtime sent no terminal");
      }
      return new NativeSocket(control.get(ValueLayout.JAVA_INT, 16));
    }
  }

  /** Reads what is there, a packet at most; -1 at the end, also when a terminal hangs up. */
  public int read(byte[] into) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(into.length);
      long n = Kernel.resumed(Syscall.READ, fd, m.address(), into.length);
      if (n == -Errno.EIO.number() || n == 0) {
        return -1;
      }
      check("read", n);
      MemorySegment.copy(m, ValueLayout.JAVA_BYTE, 0, into, 0, (int) n);
      return (int) n;
    }
  }

  public void write(byte[] from, int offset, int length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(Math.max(1, length));
      MemorySegment.copy(from, offset, m, ValueLayout.JAVA_BYTE, 0, length);
      long done = 0;
      while (done < length) {
        done +=
            check("write", Kernel.resumed(Syscall.WRITE, fd, m.address() + done, length - done));
      }
    }
  }

  /** Sends a stream in packets of at most 8 KiB until its end. */
  public void sendAll(InputStream in) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      write(buffer, 0, n);
    }
  }

  /** Copies everything read to a stream, until the end. */
  public void copyTo(OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = read(buffer); n >= 0; n = read(buffer)) {
      out.write(buffer, 0, n);
      out.flush();
    }
  }

  /** Gives a terminal its size (ioctl_tty(2)). */
  public void resize(int width, int height) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(8, 8);
      size.set(ValueLayout.JAVA_SHORT, 0, (short) height);
      size.set(ValueLayout.JAVA_SHORT, 2, (short) width);
      check("resize", Kernel.resumed(Syscall.IOCTL, fd, TIOCSWINSZ, size.address()));
    }
  }

  /** No more will be written; the peer reads the end. */
  public void endOutput() {
    Kernel.resumed(Syscall.SHUTDOWN, fd, 1, 0);
  }

  /** Ends both directions, which wakes a thread that reads; the descriptor stays to be closed. */
  public void end() {
    if (!closed.get()) {
      Kernel.resumed(Syscall.SHUTDOWN, fd, 2, 0);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Kernel.close(fd);
    }
  }

  private static long check(String what, long result) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + Errno.describe((int) -result));
    }
    return result;
  }
}
