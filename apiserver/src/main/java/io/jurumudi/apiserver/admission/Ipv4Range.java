package io.jurumudi.apiserver.admission;

import io.jurumudi.apiserver.validation.Addresses;

/**
 * A block of IPv4 addresses.
 *
 * @param first as a number
 * @param size how many there are, with the network's and the broadcast's own
 */
record Ipv4Range(long first, long size) {

  /**
   * @param cidr as in "10.43.0.0/16"
   */
  static Ipv4Range of(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !Addresses.isIpv4(cidr.substring(0, slash))) {
      throw new IllegalArgumentException("no IPv4 range: " + cidr);
    }
    int bits = Integer.parseInt(cidr.substring(slash + 1));
    if (bits < 8 || bits > 30) {
      throw new IllegalArgumentException("a range needs a prefix of 8 to 30 bits: " + cidr);
    }
    long size = 1L << (32 - bits);
    return new Ipv4Range(number(cidr.substring(0, slash)) & -size, size);
  }

  private static long number(String address) {
    long number = 0;
    for (String part : address.split("\\.", -1)) {
      number = (number << 8) | Integer.parseInt(part);
    }
    return number;
  }

  /** The address at a distance from the first. */
  String address(long offset) {
    long n = first + offset;
    return ((n >> 24) & 255) + "." + ((n >> 16) & 255) + "." + ((n >> 8) & 255) + "." + (n & 255);
  }

  /** Whether it is in the block and neither the network's own nor the broadcast's. */
  boolean contains(String address) {
    if (!Addresses.isIpv4(address)) {
      return false;
    }
    long offset = number(address) - first;
    return offset > 0 && offset < size - 1;
  }
}
