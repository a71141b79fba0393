package io.jurumudi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A netlink socket. It belongs to the network namespace of the thread that opened it, whichever
 * thread uses it later. One request at a time, under the socket's own lock. The kernel answers
 * before send returns, so nothing here waits for long.
 */
final class NetlinkSocket implements AutoCloseable {
  static final int ROUTE = 0;
  static final int NETFILTER = 12;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int RECEIVE_BYTES = 1 << 17;

  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment receive = arena.allocate(RECEIVE_BYTES, 8);
  private final ReentrantLock lock = new ReentrantLock();
  private int sequence;

  /** A message of an answer: its type and what follows the header. */
  record Answer(int type, ByteBuffer payload) {}

  /** Fills in a request; the socket has begun the message and ends it. */
  interface Request {
    void write(NetlinkMessage m);
  }

  NetlinkSocket(int protocol) {
    fd =
        (int) Kernel.call("netlink socket", Syscall.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    option(SOL_NETLINK, NETLINK_CAP_ACK, 1);
    option(SOL_NETLINK, NETLINK_EXT_ACK, 1);
  }

  /** Room for transactions of up to that many bytes and for an error for each part of them. */
  void buffers(int bytes) {
    option(SOL_SOCKET, SO_SNDBUFFORCE, bytes);
    option(SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  }

  private void option(int level, int name, int value) {
    try (Arena a = Arena.ofConfined()) {
      // Refused options only cost detail in messages (old kernels), or room (no privilege).
      Kernel.raw(
          Syscall.SETSOCKOPT,
          fd,
          level,
          name,
          a.allocateFrom(ValueLayout.JAVA_INT, value).address(),
          4,
          0);
    }
  }

  /** A request that the kernel only confirms. */
  void execute(String what, int type, int flags, Request request) {
    lock.lock();
    try {
      int seq = ++sequence;
      NetlinkMessage m = new NetlinkMessage().begin(type, flags | NetlinkMessage.ACK, seq);
      request.write(m);
      send(what, m.end().bytes());
      receive(what, seq, seq, false);
    } finally {
      lock.unlock();
    }
  }

  /** A request for everything of a kind; answers in the kernel's order. */
  List<Answer> dump(String what, int type, Request request) {
    lock.lock();
    try {
      int seq = ++sequence;
      NetlinkMessage m = new NetlinkMessage().begin(type, NetlinkMessage.DUMP, seq);
      request.write(m);
      send(what, m.end().bytes());
      return receive(what, seq, seq, true);
    } finally {
      lock.unlock();
    }
  }

  /** A request for one object: its answer, then the confirmation. */
  List<Answer> get(String what, int type, Request request) {
    lock.lock();
    try {
      int seq = ++sequence;
      NetlinkMessage m = new NetlinkMessage().begin(type, NetlinkMessage.ACK, seq);
      request.write(m);
      send(what, m.end().bytes());
      return receive(what, seq, seq, false);
    } finally {
      lock.unlock();
    }
  }

  /** One message of a batch. */
  record Part(int type, int flags, Request request) {}

  /**
   * Several messages in one send, which the kernel takes as one between a begin and an end. The
   * last before the end is confirmed; the first error is thrown, named by {@code what} and the
   * number of the message.
   */
  void batch(String what, Part begin, List<Part> parts, Part end) {
    lock.lock();
    try {
      int first = ++sequence;
      NetlinkMessage m = new NetlinkMessage();
      write(m, begin, 0, first);
      for (int i = 0; i < parts.size(); i++) {
        write(m, parts.get(i), i == parts.size() - 1 ? NetlinkMessage.ACK : 0, ++sequence);
      }
      int last = sequence;
      write(m, end, 0, ++sequence);
      send(what, m.bytes());
      receive(what, first, last, false);
    } finally {
      lock.unlock();
    }
  }

  private static void write(NetlinkMessage m, Part part, int moreFlags, int seq) {
    m.begin(part.type(), part.flags() | moreFlags, seq);
    part.request().write(m);
    m.end();
  }

  private void send(String what, byte[] bytes) {
    try (Arena a = Arena.ofConfined()) {
      MemorySegment m = a.allocate(bytes.length, 8);
      MemorySegment.copy(bytes, 0, m, ValueLayout.JAVA_BYTE, 0, bytes.length);
      MemorySegment kernel = a.allocate(12, 4);
      kernel.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      Kernel.call(what, Syscall.SENDTO, fd, m.address(), bytes.length, 0, kernel.address(), 12);
    }
  }

  /** Reads until the confirmation of {@code last} (or the end of a dump) or an error has come. */
  private List<Answer> receive(String what, int first, int last, boolean dump) {
    List<Answer> answers = new ArrayList<>();
    while (true) {
      long n = Kernel.raw(Syscall.RECVFROM, fd, receive.address(), RECEIVE_BYTES, 0, 0, 0);
      if (n == -Errno.EINTR.number()) {
        continue;
      }
      Kernel.check(what, n);
      ByteBuffer in = receive.asSlice(0, n).asByteBuffer().order(ByteOrder.nativeOrder());
      while (in.remaining() >= NetlinkMessage.HEADER_BYTES) {
        int at = in.position();
        int length = in.getInt(at);
        int type = Short.toUnsignedInt(in.getShort(at + 4));
        int flags = Short.toUnsignedInt(in.getShort(at + 6));
        int seq = in.getInt(at + 8);
        ByteBuffer payload =
            in.slice(at + NetlinkMessage.HEADER_BYTES, length - NetlinkMessage.HEADER_BYTES)
                .order(ByteOrder.nativeOrder());
        in.position(Math.min(in.limit(), at + ((length + 3) & ~3)));
        if (seq - first < 0 || seq - last > 0) {
          continue; // late answer to a request that failed before
        }
        if (type == NLMSG_ERROR) {
          int error = -payload.getInt(0);
          if (error != 0) {
            throw new LinuxException(
                first == last ? what : what + ", message " + (seq - first),
                error,
                reason(payload, flags));
          }
          if (seq == last) {
            return answers;
          }
        } else if (type == NLMSG_DONE) {
          if (dump) {
            return answers;
          }
        } else {
          byte[] copy = new byte[payload.remaining()];
          payload.get(copy);
          answers.add(new Answer(type, ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder())));
        }
      }
    }
  }

  /** The kernel's own words (extended acknowledgement), when it has any. */
  private static String reason(ByteBuffer error, int flags) {
    int attributes = 4 + NetlinkMessage.HEADER_BYTES;
    if ((flags & NLM_F_ACK_TLVS) == 0 || error.limit() <= attributes) {
      return "";
    }
    // Capped (flag 0x100) means that the request's payload is not repeated before the attributes.
    int skip = (flags & 0x100) != 0 ? attributes : 4 + ((error.getInt(4) + 3) & ~3);
    if (skip >= error.limit()) {
      return "";
    }
    return NetlinkAttributes.parse(error.position(skip)).string(NLMSGERR_ATTR_MSG);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (arena.scope().isAlive()) {
        Kernel.close(fd);
        arena.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
