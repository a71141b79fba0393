package io.jurumudi.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A rule of an {@code ip} table: conditions and what to do, in the order of the calls. Compiled to
 * the kernel's expressions (linux/netfilter/nf_tables.h); a condition that fails ends the rule.
 * Registers: 8 and up take four bytes each; every step loads what it needs anew.
 */
public final class NftRule {
  private static final int REG_VERDICT = 0;
  private static final int REG_WIDE = 1; // sixteen bytes, over 8 to 11
  private static final int REG = 8;
  private static final int REG_DATA = 16;

  private static final int META_MARK = 3;
  private static final int META_IIFNAME = 6;
  private static final int META_OIFNAME = 7;
  private static final int META_L4PROTO = 16;
  private static final int BASE_NETWORK = 1;
  private static final int BASE_TRANSPORT = 2;
  private static final int SADDR_OFFSET = 12;
  private static final int DADDR_OFFSET = 16;
  private static final int DPORT_OFFSET = 2;
  private static final int CMP_EQ = 0;
  private static final int CMP_NEQ = 1;
  private static final int CT_STATE = 0;
  private static final int CT_STATUS = 2;
  private static final int CT_STATE_NEW = 8;
  private static final int CT_STATUS_DNAT = 0x20;
  private static final int FIB_ADDRTYPE = 3;
  private static final int FIB_SADDR = 1;
  private static final int FIB_DADDR = 2;
  private static final int RTN_LOCAL = 2;
  private static final int NAT_DNAT = 1;
  private static final int AF_INET = 2;
  private static final int RANGE_PROTO_RANDOM_FULLY = 16;
  private static final int NUMGEN_RANDOM = 1;
  private static final int ICMP_UNREACHABLE = 0;
  private static final int PORT_UNREACHABLE = 3;
  private static final int TCP_RESET = 1;
  private static final int DYNSET_UPDATE = 1;
  private static final int IFNAME_BYTES = 16;

  /** A nameless map that belongs to the rule; goes with it. */
  record Anonymous(List<NftType> data, boolean verdicts, List<NftElement> elements) {}

  private final List<Consumer<NetlinkMessage>> expressions = new ArrayList<>();
  private final List<Anonymous> anonymous = new ArrayList<>();
  private int firstSetId;

  private NftRule() {}

  public static NftRule rule() {
    return new NftRule();
  }

  // Conditions.

  public NftRule inInterface(String name) {
    return name(META_IIFNAME, name, CMP_EQ);
  }

  public NftRule outInterface(String name) {
    return name(META_OIFNAME, name, CMP_EQ);
  }

  public NftRule notInInterface(String name) {
    return name(META_IIFNAME, name, CMP_NEQ);
  }

  public NftRule notOutInterface(String name) {
    return name(META_OIFNAME, name, CMP_NEQ);
  }

  private NftRule name(int key, String name, int op) {
    meta(key, REG_WIDE);
    return cmp(REG_WIDE, op, Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), IFNAME_BYTES));
  }

  public NftRule source(Cidr network) {
    return network(SADDR_OFFSET, network, CMP_EQ);
  }

  public NftRule notSource(Cidr network) {
    return network(SADDR_OFFSET, network, CMP_NEQ);
  }

  public NftRule destination(Cidr network) {
    return network(DADDR_OFFSET, network, CMP_EQ);
  }

  public NftRule notDestination(Cidr network) {
    return network(DADDR_OFFSET, network, CMP_NEQ);
  }

  private NftRule network(int offset, Cidr c, int op) {
    payload(BASE_NETWORK, offset, 4, REG);
    if (c.prefix() < 32) {
      and(REG, c.prefix() == 0 ? 0 : Integer.reverseBytes(-1 << (32 - c.prefix())));
    }
    return cmp(REG, op, c.network().address().getAddress());
  }

  /** The destination (or source) is an address of this machine. */
  public NftRule destinationIsLocal() {
    return local(FIB_DADDR, CMP_EQ);
  }

  public NftRule sourceIsLocal() {
    return local(FIB_SADDR, CMP_EQ);
  }

  private NftRule local(int which, int op) {
    add("fib", d -> d.attributeBe32(1, REG).attributeBe32(2, FIB_ADDRTYPE).attributeBe32(3, which));
    return cmp(REG, op, number(RTN_LOCAL));
  }

  /** First packet of a connection. */
  public NftRule isNew() {
    return ct(CT_STATE, CT_STATE_NEW);
  }

  /** The connection's destination was translated (by whichever table). */
  public NftRule isTranslated() {
    return ct(CT_STATUS, CT_STATUS_DNAT);
  }

  public NftRule isNotTranslated() {
    add("ct", d -> d.attributeBe32(1, REG).attributeBe32(2, CT_STATUS));
    and(REG, CT_STATUS_DNAT);
    return cmp(REG, CMP_EQ, number(0));
  }

  private NftRule ct(int key, int bit) {
    add("ct", d -> d.attributeBe32(1, REG).attributeBe32(2, key));
    and(REG, bit);
    return cmp(REG, CMP_NEQ, number(0));
  }

  public NftRule hasMark(int bit) {
    meta(META_MARK, REG);
    and(REG, bit);
    return cmp(REG, CMP_NEQ, number(0));
  }

  public NftRule protocol(int protocol) {
    meta(META_L4PROTO, REG);
    return cmp(REG, CMP_EQ, new byte[] {(byte) protocol});
  }

  public NftRule destinationPort(int port) {
    payload(BASE_TRANSPORT, DPORT_OFFSET, 2, REG);
    return cmp(REG, CMP_EQ, NetlinkMessage.be16(port));
  }

  /** The keys are in the set. */
  public NftRule in(String set, NftKey... keys) {
    load(keys);
    return add("lookup", d -> d.attribute(1, set).attributeBe32(2, REG));
  }

  // What to do.

  /** Goes where the map says, or on when it has nothing. */
  public NftRule verdictFrom(String map, NftKey... keys) {
    load(keys);
    return add(
        "lookup", d -> d.attribute(1, map).attributeBe32(2, REG).attributeBe32(3, REG_VERDICT));
  }

  /** Translates the destination to address and port that the map says; on when it has nothing. */
  public NftRule translateFrom(String map, NftKey... keys) {
    load(keys);
    add("lookup", d -> d.attribute(1, map).attributeBe32(2, REG).attributeBe32(3, REG_DATA));
    return dnatFromRegisters();
  }

  /** Chooses one of some addresses with port at random (each a {@link NftValue}). */
  public NftRule chooseTarget(List<NftValue> targets) {
    if (targets.size() == 1) {
      byte[] b = targets.getFirst().bytes();
      immediate(REG_DATA, Arrays.copyOf(b, 4));
      return immediate(REG_DATA + 1, Arrays.copyOfRange(b, 4, 8));
    }
    List<NftElement> elements = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      elements.add(NftElement.of(NftValue.ofNumber(i), targets.get(i)));
    }
    int index = anonymous.size();
    anonymous.add(new Anonymous(List.of(NftType.IPV4_ADDRESS, NftType.PORT), false, elements));
    add(
        "numgen",
        d ->
            d.attributeBe32(1, REG)
                .attributeBe32(2, targets.size())
                .attributeBe32(3, NUMGEN_RANDOM));
    return add(
        "lookup",
        d ->
            d.attribute(1, ANONYMOUS_NAME)
                .attributeBe32(2, REG)
                .attributeBe32(3, REG_DATA)
                .attributeBe32(4, firstSetId + index));
  }

  /** Enters source address and chosen target into a dynamic map, for so long after its last use. */
  public NftRule remember(String map, Duration timeout) {
    payload(BASE_NETWORK, SADDR_OFFSET, 4, REG);
    return add(
        "dynset",
        d ->
            d.attribute(1, map)
                .attributeBe32(3, DYNSET_UPDATE)
                .attributeBe32(4, REG)
                .attributeBe32(5, REG_DATA)
                .attributeBe64(6, timeout.toMillis()));
  }

  /** Fetches the target remembered for the source; ends the rule when there is none. */
  public NftRule recall(String map) {
    payload(BASE_NETWORK, SADDR_OFFSET, 4, REG);
    return add("lookup", d -> d.attribute(1, map).attributeBe32(2, REG).attributeBe32(3, REG_DATA));
  }

  /** Translates the destination to the target that was chosen or recalled. */
  public NftRule translate() {
    return dnatFromRegisters();
  }

  public NftRule translateTo(InetAddress address, int port) {
    return chooseTarget(List.of(NftValue.of(address, port))).translate();
  }

  private NftRule dnatFromRegisters() {
    return add(
        "nat",
        d ->
            d.attributeBe32(1, NAT_DNAT)
                .attributeBe32(2, AF_INET)
                .attributeBe32(3, REG_DATA)
                .attributeBe32(5, REG_DATA + 1));
  }

  /** Translates the source to this machine's address on the way out. */
  public NftRule masquerade() {
    return add("masq", d -> d.attributeBe32(1, RANGE_PROTO_RANDOM_FULLY));
  }

  public NftRule setMark(int bit) {
    return mark(~bit, bit);
  }

  public NftRule clearMark(int bit) {
    return mark(~bit, 0);
  }

  private NftRule mark(int mask, int xor) {
    meta(META_MARK, REG);
    bitwise(REG, mask, xor);
    return add("meta", d -> d.attributeBe32(2, META_MARK).attributeBe32(3, REG));
  }

  /** Answers that the port is unreachable; the kernel limits how many such answers it sends. */
  public NftRule reject() {
    return add("reject", d -> d.attributeBe32(1, ICMP_UNREACHABLE).attribute8(2, PORT_UNREACHABLE));
  }

  /**
   * Answers TCP with a reset. A client on this machine sees "connection refused" at once; after an
   * ICMP answer it would try again for a second, because its socket is still busy connecting.
   */
  public NftRule reset() {
    return add("reject", d -> d.attributeBe32(1, TCP_RESET));
  }

  public NftRule verdict(NftVerdict v) {
    return add(
        "immediate",
        d -> d.attributeBe32(1, REG_VERDICT).nest(2, data -> NftTransaction.verdict(data, v)));
  }

  public NftRule jump(String chain) {
    return verdict(NftVerdict.jump(chain));
  }

  public NftRule goTo(String chain) {
    return verdict(NftVerdict.goTo(chain));
  }

  public NftRule counter() {
    return add("counter", d -> d.attributeBe64(1, 0).attributeBe64(2, 0));
  }

  // Encoding.

  static final String ANONYMOUS_NAME = "__map%d";

  List<Anonymous> anonymous() {
    return anonymous;
  }

  /** Called by the transaction before encoding: ids of the anonymous maps count up from it. */
  void firstSetId(int id) {
    firstSetId = id;
  }

  void write(NetlinkMessage list) {
    expressions.forEach(e -> e.accept(list));
  }

  private NftRule add(String name, Consumer<NetlinkMessage> data) {
    expressions.add(m -> m.nest(1, e -> e.attribute(1, name).nest(2, data)));
    return this;
  }

  private void load(NftKey... keys) {
    int register = REG;
    for (NftKey k : keys) {
      int r = register;
      switch (k) {
        case SOURCE_ADDRESS -> payload(BASE_NETWORK, SADDR_OFFSET, 4, r);
        case DESTINATION_ADDRESS -> payload(BASE_NETWORK, DADDR_OFFSET, 4, r);
        case PROTOCOL -> meta(META_L4PROTO, r);
        case DESTINATION_PORT -> payload(BASE_TRANSPORT, DPORT_OFFSET, 2, r);
      }
      register += k.type().padded() / 4;
    }
  }

  private void meta(int key, int register) {
    add("meta", d -> d.attributeBe32(1, register).attributeBe32(2, key));
  }

  private void payload(int base, int offset, int length, int register) {
    add(
        "payload",
        d ->
            d.attributeBe32(1, register)
                .attributeBe32(2, base)
                .attributeBe32(3, offset)
                .attributeBe32(4, length));
  }

  private NftRule cmp(int register, int op, byte[] value) {
    return add(
        "cmp",
        d -> d.attributeBe32(1, register).attributeBe32(2, op).nest(3, v -> v.attribute(1, value)));
  }

  private NftRule immediate(int register, byte[] value) {
    return add("immediate", d -> d.attributeBe32(1, register).nest(2, v -> v.attribute(1, value)));
  }

  private void and(int register, int mask) {
    bitwise(register, mask, 0);
  }

  private void bitwise(int register, int mask, int xor) {
    add(
        "bitwise",
        d ->
            d.attributeBe32(1, register)
                .attributeBe32(2, register)
                .attributeBe32(3, 4)
                .nest(4, v -> v.attribute(1, number(mask)))
                .nest(5, v -> v.attribute(1, number(xor))));
  }

  /** In the machine's own order, as registers hold numbers that are not from a packet. */
  private static byte[] number(int n) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(n).array();
  }
}
