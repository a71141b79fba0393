package io.jurumudi.linux;

import static io.jurumudi.linux.NetlinkMessage.CREATE;
import static io.jurumudi.linux.NetlinkMessage.EXCL;
import static io.jurumudi.linux.NetlinkMessage.REPLACE;

import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Links, addresses, routes and neighbours of one network namespace (rtnetlink(7)): that of the
 * thread that opened the socket. May be used from any thread, one request at a time.
 */
public final class RouteSocket implements AutoCloseable {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_SETLINK = 19;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_DELADDR = 21;
  private static final int RTM_GETADDR = 22;
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_DELROUTE = 25;
  private static final int RTM_GETROUTE = 26;
  private static final int RTM_NEWNEIGH = 28;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_PROTINFO = 12;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_STATS64 = 23;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;
  private static final int IFLA_BRPORT_MODE = 4;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_BROADCAST = 4;

  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_TABLE = 15;

  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;

  private static final int AF_UNSPEC = 0;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_BRIDGE = 7;
  private static final int IFF_UP = 1;
  private static final int IFINFO_BYTES = 16;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RT_TABLE_LOCAL = 255;
  private static final int RTPROT_STATIC = 4;
  private static final int RT_SCOPE_UNIVERSE = 0;
  private static final int RT_SCOPE_LINK = 253;
  private static final int RT_SCOPE_HOST = 254;
  private static final int NUD_PERMANENT = 0x80;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int MAX_NAME = 15;

  private final NetlinkSocket socket;

  private RouteSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens in the calling thread's network namespace. */
  public static RouteSocket open() {
    return new RouteSocket(new NetlinkSocket(NetlinkSocket.ROUTE));
  }

  public List<Link> links() {
    return socket.dump("list links", RTM_GETLINK, m -> ifinfo(m, AF_UNSPEC, 0, 0, 0)).stream()
        .filter(a -> a.type() == RTM_NEWLINK)
        .map(a -> parseLink(a.payload()))
        .toList();
  }

  public Optional<Link> link(String name) {
    try {
      return socket
          .get(
              "get link " + name,
              RTM_GETLINK,
              m -> ifinfo(m, AF_UNSPEC, 0, 0, 0).attribute(IFLA_IFNAME, name))
          .stream()
          .findFirst()
          .map(a -> parseLink(a.payload()));
    } catch (LinuxException e) {
      if (e.is(Errno.ENODEV)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Link parseLink(ByteBuffer p) {
    int index = p.getInt(4);
    int flags = p.getInt(8);
    NetlinkAttributes a = NetlinkAttributes.parse(p.position(IFINFO_BYTES));
    ByteBuffer s = a.get(IFLA_STATS64);
    return new Link(
        index,
        a.string(IFLA_IFNAME),
        a.nested(IFLA_LINKINFO).string(IFLA_INFO_KIND),
        a.u32(IFLA_MASTER),
        (flags & IFF_UP) != 0,
        HexFormat.ofDelimiter(":").formatHex(a.bytes(IFLA_ADDRESS)),
        a.u32(IFLA_MTU),
        s == null || s.remaining() < 48
            ? Link.Stats.ZERO
            : new Link.Stats(
                s.getLong(16),
                s.getLong(24),
                s.getLong(0),
                s.getLong(8),
                s.getLong(32),
                s.getLong(40)));
  }

  /** Makes a device without further settings ({@code bridge}, {@code dummy}); down. */
  public Link create(String name, String kind) {
    checkName(name);
    socket.execute(
        "create " + kind + " " + name,
        RTM_NEWLINK,
        CREATE | EXCL,
        m ->
            ifinfo(m, AF_UNSPEC, 0, 0, 0)
                .attribute(IFLA_IFNAME, name)
                .nest(IFLA_LINKINFO, i -> i.attribute(IFLA_INFO_KIND, kind)));
    return link(name).orElseThrow();
  }

  /**
   * Makes a veth pair in one request: this end is up and a port of {@code master}, the other end is
   * in another namespace, down.
   *
   * @param master index of a bridge; 0: none
   * @param mtu 0: the kernel's 1500
   * @param peerMac {@code aa:bb:…}; empty: random
   * @param peerNamespace file of the namespace for the other end; null: this one
   */
  public Link createVeth(
      String name,
      int master,
      int mtu,
      String peerName,
      String peerMac,
      @Nullable Path peerNamespace) {
    checkName(name);
    checkName(peerName);
    try (Arena arena = Arena.ofConfined()) {
      int fd =
          peerNamespace == null
              ? -1
              : Kernel.open(arena, peerNamespace.toString(), O_RDONLY_CLOEXEC);
      try {
        socket.execute(
            "create veth " + name,
            RTM_NEWLINK,
            CREATE | EXCL,
            m -> {
              ifinfo(m, AF_UNSPEC, 0, IFF_UP, IFF_UP).attribute(IFLA_IFNAME, name);
              if (mtu > 0) {
                m.attribute32(IFLA_MTU, mtu);
              }
              if (master > 0) {
                m.attribute32(IFLA_MASTER, master);
              }
              m.nest(
                  IFLA_LINKINFO,
                  i ->
                      i.attribute(IFLA_INFO_KIND, "veth")
                          .nest(
                              IFLA_INFO_DATA,
                              d ->
                                  d.nest(
                                      VETH_INFO_PEER,
                                      peer -> {
                                        ifinfo(peer, AF_UNSPEC, 0, 0, 0)
                                            .attribute(IFLA_IFNAME, peerName);
                                        if (mtu > 0) {
                                          peer.attribute32(IFLA_MTU, mtu);
                                        }
                                        if (!peerMac.isEmpty()) {
                                          peer.attribute(IFLA_ADDRESS, mac(peerMac));
                                        }
                                        if (fd >= 0) {
                                          peer.attribute32(IFLA_NET_NS_FD, fd);
                                        }
                                      })));
            });
      } finally {
        if (fd >= 0) {
          Kernel.close(fd);
        }
      }
    }
    return link(name).orElseThrow();
  }

  /** Deletes a device (a veth with its other end); false when there is none. */
  public boolean delete(String name) {
    return ignoring(
        Errno.ENODEV,
        () ->
            socket.execute(
                "delete link " + name,
                RTM_DELLINK,
                0,
                m -> ifinfo(m, AF_UNSPEC, 0, 0, 0).attribute(IFLA_IFNAME, name)));
  }

  public void setUp(int index) {
    socket.execute(
        "set up link " + index, RTM_NEWLINK, 0, m -> ifinfo(m, AF_UNSPEC, index, IFF_UP, IFF_UP));
  }

  public void setDown(int index) {
    socket.execute(
        "set down link " + index, RTM_NEWLINK, 0, m -> ifinfo(m, AF_UNSPEC, index, 0, IFF_UP));
  }

  /** Makes a device a port of a bridge; 0 takes it out. */
  public void setMaster(int index, int master) {
    socket.execute(
        "set master of link " + index,
        RTM_NEWLINK,
        0,
        m -> ifinfo(m, AF_UNSPEC, index, 0, 0).attribute32(IFLA_MASTER, master));
  }

  public void setMac(int index, String mac) {
    socket.execute(
        "set address of link " + index,
        RTM_NEWLINK,
        0,
        m -> ifinfo(m, AF_UNSPEC, index, 0, 0).attribute(IFLA_ADDRESS, mac(mac)));
  }

  /** Renames a device that is down. */
  public void rename(int index, String name) {
    checkName(name);
    socket.execute(
        "rename link " + index,
        RTM_NEWLINK,
        0,
        m -> ifinfo(m, AF_UNSPEC, index, 0, 0).attribute(IFLA_IFNAME, name));
  }

  /** Moves a device, which loses its addresses, to another namespace. */
  public void moveTo(int index, Path namespace) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = Kernel.open(arena, namespace.toString(), O_RDONLY_CLOEXEC);
      try {
        socket.execute(
            "move link " + index + " to " + namespace,
            RTM_NEWLINK,
            0,
            m -> ifinfo(m, AF_UNSPEC, index, 0, 0).attribute32(IFLA_NET_NS_FD, fd));
      } finally {
        Kernel.close(fd);
      }
    }
  }

  /** Lets a bridge send a frame back through the port it came from. */
  public void setHairpin(int portIndex, boolean on) {
    socket.execute(
        "set hairpin of link " + portIndex,
        RTM_SETLINK,
        0,
        m ->
            ifinfo(m, AF_BRIDGE, portIndex, 0, 0)
                .nest(IFLA_PROTINFO, p -> p.attribute8(IFLA_BRPORT_MODE, on ? 1 : 0)));
  }

  /** Gives a link an address; false when it has it already. */
  public boolean addAddress(int index, Cidr address) {
    return ignoring(
        Errno.EEXIST,
        () ->
            socket.execute(
                "add " + address,
                RTM_NEWADDR,
                CREATE | EXCL,
                m -> {
                  byte[] a = address.address().getAddress();
                  ifaddr(m, address, index).attribute(IFA_LOCAL, a).attribute(IFA_ADDRESS, a);
                  if (a.length == 4 && address.prefix() < 31) {
                    byte[] broadcast = address.host(address.size() - 1).getAddress();
                    m.attribute(IFA_BROADCAST, broadcast);
                  }
                }));
  }

  /** Takes an address from a link; false when it has none such. */
  public boolean removeAddress(int index, Cidr address) {
    return ignoring(
        Errno.EADDRNOTAVAIL,
        () ->
            socket.execute(
                "remove " + address,
                RTM_DELADDR,
                0,
                m ->
                    ifaddr(m, address, index)
                        .attribute(IFA_LOCAL, address.address().getAddress())));
  }

  /** Addresses of a link, or of all when {@code index} is 0. */
  public List<Cidr> addresses(int index) {
    List<Cidr> found = new ArrayList<>();
    for (NetlinkSocket.Answer a :
        socket.dump("list addresses", RTM_GETADDR, m -> m.u8(AF_UNSPEC).u8(0).u8(0).u8(0).u32(0))) {
      ByteBuffer p = a.payload();
      int prefix = p.get(1) & 0xff;
      int on = p.getInt(4);
      NetlinkAttributes attributes = NetlinkAttributes.parse(p.position(8));
      int kind = attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS;
      if ((index == 0 || on == index) && attributes.has(kind)) {
        found.add(new Cidr(Cidr.address(attributes.bytes(kind)), prefix));
      }
    }
    return found;
  }

  /** Adds a route, or puts it in the place of the one to the same destination. */
  public void replace(Route route) {
    socket.execute(
        "route to " + route.destination(), RTM_NEWROUTE, CREATE | REPLACE, m -> route(m, route));
  }

  /** Deletes a route; false when there is none such. */
  public boolean delete(Route route) {
    return ignoring(
        Errno.ESRCH,
        () ->
            socket.execute(
                "delete route to " + route.destination(), RTM_DELROUTE, 0, m -> route(m, route)));
  }

  /** Routes of the main table. */
  public List<Route> routes() {
    List<Route> found = new ArrayList<>();
    for (NetlinkSocket.Answer a :
        socket.dump(
            "list routes",
            RTM_GETROUTE,
            m -> m.u8(AF_UNSPEC).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0))) {
      ByteBuffer p = a.payload();
      int family = p.get(0);
      int prefix = p.get(1) & 0xff;
      int type = p.get(7);
      NetlinkAttributes attributes = NetlinkAttributes.parse(p.position(12));
      if (attributes.u32(RTA_TABLE) != RT_TABLE_MAIN || (family != AF_INET && family != AF_INET6)) {
        continue;
      }
      byte[] to =
          attributes.has(RTA_DST)
              ? attributes.bytes(RTA_DST)
              : new byte[family == AF_INET ? 4 : 16];
      for (Route.Type t : Route.Type.values()) {
        if (t.number == type) {
          found.add(
              new Route(
                  new Cidr(Cidr.address(to), prefix),
                  address(attributes, RTA_GATEWAY),
                  address(attributes, RTA_PREFSRC),
                  attributes.u32(RTA_OIF),
                  t));
        }
      }
    }
    return found;
  }

  private static @Nullable InetAddress address(NetlinkAttributes a, int type) {
    return a.has(type) ? Cidr.address(a.bytes(type)) : null;
  }

  /** Enters a neighbour for ever, so that nobody has to ask for it. */
  public void addNeighbour(int index, InetAddress address, String mac) {
    byte[] a = address.getAddress();
    socket.execute(
        "add neighbour " + address.getHostAddress(),
        RTM_NEWNEIGH,
        CREATE | REPLACE,
        m ->
            m.u8(a.length == 4 ? AF_INET : AF_INET6)
                .u8(0)
                .u16(0)
                .u32(index)
                .u16(NUD_PERMANENT)
                .u8(0)
                .u8(0)
                .attribute(NDA_DST, a)
                .attribute(NDA_LLADDR, mac(mac)));
  }

  private static NetlinkMessage ifinfo(
      NetlinkMessage m, int family, int index, int flags, int change) {
    return m.u8(family).u8(0).u16(0).u32(index).u32(flags).u32(change);
  }

  private static NetlinkMessage ifaddr(NetlinkMessage m, Cidr address, int index) {
    return m.u8(address.isIpv4() ? AF_INET : AF_INET6)
        .u8(address.prefix())
        .u8(0)
        .u8(RT_SCOPE_UNIVERSE)
        .u32(index);
  }

  private static void route(NetlinkMessage m, Route r) {
    boolean local = r.type() == Route.Type.LOCAL;
    int scope = local ? RT_SCOPE_HOST : r.gateway() == null && r.device() > 0 ? RT_SCOPE_LINK : 0;
    Cidr to = r.destination().network();
    m.u8(to.isIpv4() ? AF_INET : AF_INET6)
        .u8(to.prefix())
        .u8(0)
        .u8(0)
        .u8(local ? RT_TABLE_LOCAL : RT_TABLE_MAIN)
        .u8(RTPROT_STATIC)
        .u8(scope)
        .u8(r.type().number)
        .u32(0);
    if (to.prefix() > 0) {
      m.attribute(RTA_DST, to.address().getAddress());
    }
    InetAddress gateway = r.gateway();
    if (gateway != null) {
      m.attribute(RTA_GATEWAY, gateway.getAddress());
    }
    InetAddress source = r.source();
    if (source != null) {
      m.attribute(RTA_PREFSRC, source.getAddress());
    }
    if (r.device() > 0) {
      m.attribute32(RTA_OIF, r.device());
    }
  }

  private static byte[] mac(String s) {
    return HexFormat.ofDelimiter(":").parseHex(s);
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("a link's name has 1 to 15 characters: " + name);
    }
  }

  private static boolean ignoring(Errno errno, Runnable request) {
    try {
      request.run();
      return true;
    } catch (LinuxException e) {
      if (e.is(errno)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
