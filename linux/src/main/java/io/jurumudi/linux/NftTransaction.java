package io.jurumudi.linux;

import static io.jurumudi.linux.NetlinkMessage.APPEND;
import static io.jurumudi.linux.NetlinkMessage.CREATE;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes to one {@code ip} table that happen all at once or not at all. To delete what may not be
 * there, add it first: adding is idempotent, deleting is not.
 */
public final class NftTransaction {
  static final int SUBSYSTEM = 10;
  static final int FAMILY_IP = 2;
  static final int NEWTABLE = 0;
  static final int GETTABLE = 1;
  static final int DELTABLE = 2;
  static final int NEWCHAIN = 3;
  static final int GETCHAIN = 4;
  static final int DELCHAIN = 5;
  static final int NEWRULE = 6;
  static final int GETRULE = 7;
  static final int DELRULE = 8;
  static final int NEWSET = 9;
  static final int DELSET = 11;
  static final int NEWSETELEM = 12;
  static final int GETSETELEM = 13;
  static final int DELSETELEM = 14;

  private static final int SET_ANONYMOUS = 1;
  private static final int SET_CONSTANT = 2;
  private static final int SET_MAP = 8;
  private static final int SET_TIMEOUT = 0x10;
  private static final int SET_EVAL = 0x20;
  private static final int DATA_VERDICT = 0xffffff00;
  private static final int POLICY_ACCEPT = 1;

  /** An attribute of netlink holds 64 KiB; elements take up to some 100 bytes each. */
  private static final int ELEMENTS_A_MESSAGE = 400;

  private final String table;
  private final List<NetlinkSocket.Part> parts = new ArrayList<>();
  private int setId;

  public NftTransaction(String table) {
    this.table = table;
  }

  public String table() {
    return table;
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  List<NetlinkSocket.Part> parts() {
    return parts;
  }

  /** Adds the table, or leaves the one there as it is. */
  public NftTransaction addTable() {
    return add(NEWTABLE, CREATE, m -> m.attribute(1, table).attributeBe32(2, 0));
  }

  /** Deletes the table with everything in it. */
  public NftTransaction deleteTable() {
    return add(DELTABLE, 0, m -> m.attribute(1, table));
  }

  public NftTransaction addChain(NftChain c) {
    return add(
        NEWCHAIN,
        CREATE,
        m -> {
          m.attribute(1, table).attribute(3, c.name());
          if (c.isBase()) {
            m.nest(4, h -> h.attributeBe32(1, c.hook().number).attributeBe32(2, c.priority()))
                .attributeBe32(5, POLICY_ACCEPT)
                .attribute(7, c.type());
          }
        });
  }

  public NftTransaction addChain(String name) {
    return addChain(NftChain.of(name));
  }

  /** Deletes an empty chain that nothing leads to any more. */
  public NftTransaction deleteChain(String name) {
    return add(DELCHAIN, 0, m -> m.attribute(1, table).attribute(3, name));
  }

  /** Deletes the rules of a chain, with the nameless maps that belong to them. */
  public NftTransaction flushChain(String name) {
    return add(DELRULE, 0, m -> m.attribute(1, table).attribute(2, name));
  }

  /** Appends a rule. */
  public NftTransaction addRule(String chain, NftRule rule) {
    int first = setId + 1;
    for (NftRule.Anonymous a : rule.anonymous()) {
      int id = ++setId;
      add(
          NEWSET,
          CREATE,
          m ->
              m.attribute(1, table)
                  .attribute(2, NftRule.ANONYMOUS_NAME)
                  .attributeBe32(3, SET_ANONYMOUS | SET_CONSTANT | SET_MAP)
                  .attributeBe32(4, NftType.number(List.of(NftType.INTEGER)))
                  .attributeBe32(5, 4)
                  .attributeBe32(6, a.verdicts() ? DATA_VERDICT : NftType.number(a.data()))
                  .attributeBe32(7, a.verdicts() ? 0 : NftType.length(a.data()))
                  .nest(9, d -> d.attributeBe32(1, a.elements().size()))
                  .attributeBe32(10, id));
      elements(NEWSETELEM, NftRule.ANONYMOUS_NAME, id, a.elements());
    }
    return add(
        NEWRULE,
        CREATE | APPEND,
        m -> {
          rule.firstSetId(first);
          m.attribute(1, table).attribute(2, chain).nest(4, rule::write);
        });
  }

  public NftTransaction addSet(NftSet s) {
    int id = ++setId;
    boolean map = s.verdicts() || !s.data().isEmpty();
    boolean dynamic = !s.timeout().isZero();
    return add(
        NEWSET,
        CREATE,
        m -> {
          m.attribute(1, table)
              .attribute(2, s.name())
              .attributeBe32(3, (map ? SET_MAP : 0) | (dynamic ? SET_TIMEOUT | SET_EVAL : 0))
              .attributeBe32(4, NftType.number(s.key()))
              .attributeBe32(5, NftType.length(s.key()));
          if (map) {
            m.attributeBe32(6, s.verdicts() ? DATA_VERDICT : NftType.number(s.data()))
                .attributeBe32(7, s.verdicts() ? 0 : NftType.length(s.data()));
          }
          m.attributeBe32(10, id);
          if (dynamic) {
            m.attributeBe64(11, s.timeout().toMillis());
          }
        });
  }

  /** Deletes a set that no rule uses any more. */
  public NftTransaction deleteSet(String name) {
    return add(DELSET, 0, m -> m.attribute(1, table).attribute(2, name));
  }

  /** Adds elements; those there already with the same data are left alone. */
  public NftTransaction addElements(String set, Collection<NftElement> elements) {
    return elements(NEWSETELEM, set, 0, elements);
  }

  /** Deletes elements by key; each must be there. */
  public NftTransaction deleteElements(String set, Collection<NftElement> elements) {
    return elements(DELSETELEM, set, 0, elements);
  }

  public NftTransaction flushSet(String set) {
    return add(DELSETELEM, 0, m -> m.attribute(1, table).attribute(2, set));
  }

  private NftTransaction elements(
      int message, String set, int id, Collection<NftElement> elements) {
    List<NftElement> all = List.copyOf(elements);
    for (int from = 0; from < all.size(); from += ELEMENTS_A_MESSAGE) {
      List<NftElement> some = all.subList(from, Math.min(all.size(), from + ELEMENTS_A_MESSAGE));
      add(
          message,
          CREATE,
          m -> {
            m.attribute(1, table).attribute(2, set);
            if (id != 0) {
              m.attributeBe32(4, id);
            }
            m.nest(3, list -> some.forEach(e -> element(list, e)));
          });
    }
    return this;
  }

  private static void element(NetlinkMessage list, NftElement e) {
    list.nest(
        1,
        m -> {
          m.nest(1, k -> k.attribute(1, e.key().bytes()));
          NftValue data = e.data();
          if (data != null) {
            m.nest(2, d -> d.attribute(1, data.bytes()));
          }
          @Nullable NftVerdict v = e.verdict();
          if (v != null) {
            m.nest(2, d -> verdict(d, v));
          }
        });
  }

  static void verdict(NetlinkMessage data, NftVerdict v) {
    data.nest(
        2,
        m -> {
          m.attributeBe32(1, v.code());
          if (!v.chain().isEmpty()) {
            m.attribute(2, v.chain());
          }
        });
  }

  private NftTransaction add(int message, int flags, NetlinkSocket.Request body) {
    parts.add(
        new NetlinkSocket.Part(
            SUBSYSTEM << 8 | message,
            flags,
            m -> {
              header(m, FAMILY_IP, 0);
              body.write(m);
            }));
    return this;
  }

  /** struct nfgenmsg. */
  static NetlinkMessage header(NetlinkMessage m, int family, int resource) {
    return m.u8(family).u8(0).bytes(NetlinkMessage.be16(resource));
  }
}
