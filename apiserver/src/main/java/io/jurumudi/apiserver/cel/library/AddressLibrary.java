package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** IP addresses and ranges of them. */
final class AddressLibrary {
  private static final CelType IP = OpaqueType.create("net.IP");
  private static final CelType CIDR = OpaqueType.create("net.CIDR");
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);
  private static final Function.Argument ADDRESS = arg(IP, InetAddress.class);
  private static final Function.Argument RANGE = arg(CIDR, Range.class);

  private AddressLibrary() {}

  /** The addresses that share the first bits of one. */
  record Range(InetAddress address, int bits) {
    boolean contains(InetAddress other) {
      byte[] a = address.getAddress();
      byte[] b = other.getAddress();
      if (a.length != b.length) {
        return false;
      }
      int drop = a.length * 8 - bits;
      return new BigInteger(1, a).shiftRight(drop).equals(new BigInteger(1, b).shiftRight(drop));
    }

    boolean contains(Range other) {
      return other.bits >= bits && contains(other.address);
    }

    Range masked() {
      byte[] bytes = address.getAddress();
      for (int i = 0; i < bytes.length; i++) {
        int kept = Math.clamp(bits - i * 8L, 0, 8);
        bytes[i] &= (byte) (0xFF00 >> kept);
      }
      try {
        return new Range(InetAddress.getByAddress(bytes), bits);
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String toString() {
      return text(address) + "/" + bits;
    }
  }

  static List<Function> functions() {
    CelType bool = SimpleType.BOOL;
    return List.of(
        global("ip", "string_to_ip", IP, a -> ip((String) a[0]), TEXT),
        global("isIP", "is_ip", bool, a -> isIp((String) a[0]), TEXT),
        global("ip.isCanonical", "ip_is_canonical", bool, a -> isCanonical((String) a[0]), TEXT),
        global("string", "ip_to_string", SimpleType.STRING, a -> text(at(a, 0)), ADDRESS),
        member(
            "family",
            "ip_family",
            SimpleType.INT,
            a -> at(a, 0) instanceof Inet4Address ? 4L : 6L,
            ADDRESS),
        member(
            "isUnspecified", "ip_is_unspecified", bool, a -> at(a, 0).isAnyLocalAddress(), ADDRESS),
        member("isLoopback", "ip_is_loopback", bool, a -> at(a, 0).isLoopbackAddress(), ADDRESS),
        member(
            "isLinkLocalMulticast",
            "ip_is_link_local_multicast",
            bool,
            a -> isLinkLocalMulticast(at(a, 0)),
            ADDRESS),
        member(
            "isLinkLocalUnicast",
            "ip_is_link_local_unicast",
            bool,
            a -> at(a, 0).isLinkLocalAddress(),
            ADDRESS),
        member(
            "isGlobalUnicast",
            "ip_is_global_unicast",
            bool,
            a -> isGlobalUnicast(at(a, 0)),
            ADDRESS),
        global("cidr", "string_to_cidr", CIDR, a -> cidr((String) a[0]), TEXT),
        global("isCIDR", "is_cidr", bool, a -> isCidr((String) a[0]), TEXT),
        global("string", "cidr_to_string", SimpleType.STRING, a -> a[0].toString(), RANGE),
        member(
            "containsIP",
            "cidr_contains_ip_string",
            bool,
            a -> range(a, 0).contains(ip((String) a[1])),
            RANGE,
            TEXT),
        member(
            "containsIP",
            "cidr_contains_ip_ip",
            bool,
            a -> range(a, 0).contains(at(a, 1)),
            RANGE,
            ADDRESS),
        member(
            "containsCIDR",
            "cidr_contains_cidr_string",
            bool,
            a -> range(a, 0).contains(cidr((String) a[1])),
            RANGE,
            TEXT),
        member(
            "containsCIDR",
            "cidr_contains_cidr",
            bool,
            a -> range(a, 0).contains(range(a, 1)),
            RANGE,
            RANGE),
        member("ip", "cidr_ip", IP, a -> range(a, 0).address(), RANGE),
        member("masked", "cidr_masked", CIDR, a -> range(a, 0).masked(), RANGE),
        member(
            "prefixLength",
            "cidr_prefix_length",
            SimpleType.INT,
            a -> (long) range(a, 0).bits(),
            RANGE));
  }

  private static InetAddress at(Object[] arguments, int index) {
    return (InetAddress) arguments[index];
  }

  private static Range range(Object[] arguments, int index) {
    return (Range) arguments[index];
  }

  static InetAddress ip(String text) {
    boolean digits = text.chars().allMatch(c -> c == '.' || Character.digit(c, 10) >= 0);
    boolean four = digits && text.matches("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
    boolean six = text.indexOf(':') >= 0 && text.indexOf('.') < 0 && text.indexOf('%') < 0;
    try {
      if (four || six) {
        return InetAddress.ofLiteral(text);
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "IP Address \"" + text + "\" parse error during conversion from string");
  }

  private static boolean isIp(String text) {
    try {
      ip(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isCanonical(String text) {
    return text(ip(text)).equals(text);
  }

  private static Range cidr(String text) {
    int slash = text.indexOf('/');
    if (slash > 0
        && text.substring(slash + 1).matches("0|[1-9]\\d{0,2}")
        && isIp(text.substring(0, slash))) {
      InetAddress address = ip(text.substring(0, slash));
      int bits = Integer.parseInt(text.substring(slash + 1));
      if (bits <= address.getAddress().length * 8) {
        return new Range(address, bits);
      }
    }
    throw new IllegalArgumentException(
        "network address parse error during conversion from string: \"" + text + "\"");
  }

  private static boolean isCidr(String text) {
    try {
      cidr(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isLinkLocalMulticast(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4
        ? (bytes[0] & 0xFF) == 224 && bytes[1] == 0 && bytes[2] == 0
        : (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0x0F) == 2;
  }

  private static boolean isGlobalUnicast(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean broadcast = bytes.length == 4 && new BigInteger(bytes).equals(BigInteger.ONE.negate());
    return !broadcast
        && !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress();
  }

  /** As Go writes it: IPv6 in its shortest form (RFC 5952). */
  static String text(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.getHostAddress();
    }
    byte[] bytes = address.getAddress();
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 0xFF) << 8 | (bytes[2 * i + 1] & 0xFF);
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && groups[i + run] == 0) {
        run++;
      }
      if (run > length) {
        start = i;
        length = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
