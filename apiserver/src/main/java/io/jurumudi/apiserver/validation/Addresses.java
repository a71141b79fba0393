package io.jurumudi.apiserver.validation;

import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.net.InetAddress;
import java.util.List;

/** Checks of IP addresses as text, without ever asking a name server. */
public final class Addresses {
  static final String BAD_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  static final String BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

  private Addresses() {}

  /** An address, a slash and the length of a prefix. */
  static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return false;
    }
    String ip = text.substring(0, slash);
    String prefix = text.substring(slash + 1);
    if (!prefix.matches("0|[1-9][0-9]{0,2}") || !isIp(ip)) {
      return false;
    }
    return Integer.parseInt(prefix) <= (isIpv4(ip) ? 32 : 128);
  }

  /** Whether all addresses of the one range are in the other, and not all of the other's. */
  static boolean isWithin(String inner, String outer) {
    byte[] in = network(inner);
    byte[] out = network(outer);
    int prefix = prefix(outer);
    if (in.length != out.length || prefix >= prefix(inner)) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((in[bit / 8] & mask) != (out[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] network(String cidr) {
    return InetAddress.ofLiteral(cidr.substring(0, cidr.indexOf('/'))).getAddress();
  }

  private static int prefix(String cidr) {
    return Integer.parseInt(cidr.substring(cidr.indexOf('/') + 1));
  }

  /** Refuses the good addresses at which another machine cannot be reached. */
  static void reachable(String ip, FieldPath path, List<FieldError> errors) {
    InetAddress address = InetAddress.ofLiteral(ip);
    if (address.isAnyLocalAddress()) {
      errors.add(FieldError.invalid(path, ip, "may not be unspecified (" + ip + ")"));
    }
    if (address.isLoopbackAddress()) {
      errors.add(
          FieldError.invalid(path, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
    }
    if (address.isLinkLocalAddress()) {
      errors.add(
          FieldError.invalid(
              path, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
    }
    if (address.isMCLinkLocal() || ip.startsWith("224.0.0.")) {
      errors.add(
          FieldError.invalid(
              path, ip, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
    }
  }

  public static boolean isIp(String text) {
    return isIpv4(text) || isIpv6(text);
  }

  /** Four numbers from 0 to 255, without leading zeros. */
  public static boolean isIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty() || part.length() > 3 || (part.length() > 1 && part.charAt(0) == '0')) {
        return false;
      }
      for (int i = 0; i < part.length(); i++) {
        if (part.charAt(i) < '0' || part.charAt(i) > '9') {
          return false;
        }
      }
      if (Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  public static boolean isIpv6(String text) {
    if (text.indexOf(':') < 0) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ok =
          (c >= '0' && c <= '9')
              || (c >= 'a' && c <= 'f')
              || (c >= 'A' && c <= 'F')
              || c == ':'
              || c == '.';
      if (!ok) {
        return false;
      }
    }
    try {
      return InetAddress.ofLiteral(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
