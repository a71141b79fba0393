package io.jurumudi.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/**
 * The kernel's table of connections (ctnetlink), in the network namespace of the thread that opened
 * it. Datagrams have no end, so their translation lives on until it is deleted here.
 */
public final class Conntrack implements AutoCloseable {
  private static final int SUBSYSTEM = 1;
  private static final int GET = 1;
  private static final int DELETE = 2;
  private static final int TUPLE_ORIGINAL = 1;
  private static final int TUPLE_REPLY = 2;
  private static final int NESTED = 0x8000;
  private static final int AF_INET = 2;

  private final NetlinkSocket socket;

  private Conntrack(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * A connection as its first packet had it, and who answers.
   *
   * @param protocol IP protocol number
   */
  public record Flow(
      int protocol,
      InetAddress source,
      InetAddress destination,
      int destinationPort,
      InetAddress answerer,
      int answererPort) {}

  public static Conntrack open() {
    NetlinkSocket s = new NetlinkSocket(NetlinkSocket.NETFILTER);
    s.buffers(4 << 20);
    return new Conntrack(s);
  }

  /** Forgets the IPv4 connections that match; returns how many. */
  public int delete(Predicate<Flow> which) {
    int n = 0;
    for (NetlinkSocket.Answer a :
        socket.dump(
            "list connections", SUBSYSTEM << 8 | GET, m -> NftTransaction.header(m, AF_INET, 0))) {
      NetlinkAttributes c = NetlinkAttributes.parse(a.payload().position(4));
      NetlinkAttributes original = c.nested(TUPLE_ORIGINAL);
      NetlinkAttributes reply = c.nested(TUPLE_REPLY);
      if (original.nested(1).bytes(1).length != 4) {
        continue;
      }
      Flow flow =
          new Flow(
              original.nested(2).bytes(1)[0] & 0xff,
              Cidr.address(original.nested(1).bytes(1)),
              Cidr.address(original.nested(1).bytes(2)),
              port(original, 3),
              Cidr.address(reply.nested(1).bytes(1)),
              port(reply, 2));
      if (which.test(flow) && delete(c.bytes(TUPLE_ORIGINAL))) {
        n++;
      }
    }
    return n;
  }

  private static int port(NetlinkAttributes tuple, int type) {
    byte[] b = tuple.nested(2).bytes(type);
    return b.length == 2 ? Short.toUnsignedInt(ByteBuffer.wrap(b).getShort()) : 0;
  }

  private boolean delete(byte[] tuple) {
    try {
      socket.execute(
          "delete connection",
          SUBSYSTEM << 8 | DELETE,
          0,
          m -> NftTransaction.header(m, AF_INET, 0).attribute(TUPLE_ORIGINAL | NESTED, tuple));
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return false; // ended by itself
      }
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
