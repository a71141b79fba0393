package io.jurumudi.linux;

import java.util.List;

/**
 * A part of a set's key or data. Number and length are nft's own, so that {@code nft list ruleset}
 * shows sets as it would its own.
 */
public enum NftType {
  IPV4_ADDRESS(7, 4),
  IPV6_ADDRESS(8, 16),
  PROTOCOL(12, 1),
  PORT(13, 2),
  INTEGER(4, 4);

  private final int number;
  private final int bytes;

  NftType(int number, int bytes) {
    this.number = number;
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  /** Registers hold four bytes; a part of a concatenation begins at a new one. */
  int padded() {
    return (bytes + 3) & ~3;
  }

  static int number(List<NftType> parts) {
    int n = 0;
    for (NftType p : parts) {
      n = (n << 6) | p.number; // nft's TYPE_BITS
    }
    return n;
  }

  static int length(List<NftType> parts) {
    return parts.size() == 1
        ? parts.getFirst().bytes
        : parts.stream().mapToInt(NftType::padded).sum();
  }
}
