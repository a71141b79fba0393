package io.jurumudi.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * nftables of one network namespace (that of the thread that opened the socket), over netlink and
 * without the nft program: a transaction takes well under a millisecond.
 */
public final class NftSocket implements AutoCloseable {
  private static final int BATCH_BEGIN = 0x10;
  private static final int BATCH_END = 0x11;

  /** Room for one transaction of some ten thousand rules. */
  private static final int BUFFER_BYTES = 32 << 20;

  private final NetlinkSocket socket;

  private NftSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  public static NftSocket open() {
    NetlinkSocket s = new NetlinkSocket(NetlinkSocket.NETFILTER);
    s.buffers(BUFFER_BYTES);
    return new NftSocket(s);
  }

  /** Carries the transaction out; on an error nothing has changed. */
  public void commit(NftTransaction t) {
    if (t.isEmpty()) {
      return;
    }
    NetlinkSocket.Request header = m -> NftTransaction.header(m, 0, NftTransaction.SUBSYSTEM);
    socket.batch(
        "nftables table " + t.table(),
        new NetlinkSocket.Part(BATCH_BEGIN, 0, header),
        t.parts(),
        new NetlinkSocket.Part(BATCH_END, 0, header));
  }

  /** Deletes a table with everything in it; does nothing when there is none. */
  public void deleteTable(String table) {
    commit(new NftTransaction(table).addTable().deleteTable());
  }

  /** Names of the {@code ip} tables. */
  public List<String> tables() {
    return dump("list tables", NftTransaction.GETTABLE, m -> {}).stream()
        .map(a -> a.string(1))
        .toList();
  }

  /** Names of a table's chains. */
  public List<String> chains(String table) {
    return dump("list chains", NftTransaction.GETCHAIN, m -> {}).stream()
        .filter(a -> a.string(1).equals(table))
        .map(a -> a.string(3))
        .toList();
  }

  /** How many rules a chain has. */
  public int ruleCount(String table, String chain) {
    return (int)
        dump("list rules", NftTransaction.GETRULE, m -> m.attribute(1, table).attribute(2, chain))
            .stream()
            .filter(a -> a.string(1).equals(table) && a.string(2).equals(chain))
            .count();
  }

  /** Elements of a set or map, with verdicts left out. */
  public List<NftElement> elements(String table, String set) {
    List<NftElement> found = new ArrayList<>();
    for (NetlinkAttributes a :
        dump(
            "list elements of " + set,
            NftTransaction.GETSETELEM,
            m -> m.attribute(1, table).attribute(2, set))) {
      ByteBuffer list = a.get(3);
      if (list == null) {
        continue;
      }
      for (Map.Entry<Integer, ByteBuffer> e : NetlinkAttributes.list(list)) {
        NetlinkAttributes element = NetlinkAttributes.parse(e.getValue());
        NetlinkAttributes data = element.nested(2);
        @Nullable NftValue value = data.has(1) ? NftValue.ofBytes(data.bytes(1)) : null;
        found.add(new NftElement(NftValue.ofBytes(element.nested(1).bytes(1)), value, null));
      }
    }
    return found;
  }

  private List<NetlinkAttributes> dump(String what, int message, NetlinkSocket.Request body) {
    return socket
        .dump(
            what,
            NftTransaction.SUBSYSTEM << 8 | message,
            m -> {
              NftTransaction.header(m, NftTransaction.FAMILY_IP, 0);
              body.write(m);
            })
        .stream()
        .map(a -> NetlinkAttributes.parse(a.payload().position(4)))
        .toList();
  }

  @Override
  public void close() {
    socket.close();
  }
}
