package io.jurumudi.linux;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** An address with the length of its network prefix: {@code 10.244.0.1/24}. */
public record Cidr(InetAddress address, int prefix) {
  public Cidr {
    if (prefix < 0 || prefix > address.getAddress().length * 8) {
      throw new IllegalArgumentException("prefix length " + prefix + " of " + address);
    }
  }

  /** Parses a literal; an address alone is its own network. Never asks a name server. */
  public static Cidr parse(String s) {
    int slash = s.indexOf('/');
    InetAddress a = InetAddress.ofLiteral(slash < 0 ? s : s.substring(0, slash));
    return new Cidr(
        a, slash < 0 ? a.getAddress().length * 8 : Integer.parseInt(s.substring(slash + 1)));
  }

  public boolean isIpv4() {
    return address.getAddress().length == 4;
  }

  /** The network itself: all host bits zero. */
  public Cidr network() {
    byte[] b = address.getAddress();
    for (int i = 0; i < b.length; i++) {
      int keep = Math.clamp(prefix - i * 8L, 0, 8);
      b[i] &= (byte) (0xff00 >> keep);
    }
    return new Cidr(address(b), prefix);
  }

  public boolean contains(InetAddress other) {
    byte[] b = other.getAddress();
    return b.length == address.getAddress().length
        && Arrays.equals(
            new Cidr(other, prefix).network().address.getAddress(), network().address.getAddress());
  }

  /** The n-th address of the network; 0 is the network's own. */
  public InetAddress host(long n) {
    byte[] b = network().address.getAddress();
    long carry = n;
    for (int i = b.length - 1; i >= 0 && carry > 0; i--) {
      carry += b[i] & 0xff;
      b[i] = (byte) carry;
      carry >>= 8;
    }
    return address(b);
  }

  /** How many addresses there are; capped at 2^62. */
  public long size() {
    return 1L << Math.min(62, address.getAddress().length * 8 - prefix);
  }

  static InetAddress address(byte[] b) {
    try {
      return InetAddress.getByAddress(b);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(Arrays.toString(b), e);
    }
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
