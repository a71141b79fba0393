package io.jurumudi.linux;

/** What of a packet can be part of a set's key. */
public enum NftKey {
  SOURCE_ADDRESS(NftType.IPV4_ADDRESS),
  DESTINATION_ADDRESS(NftType.IPV4_ADDRESS),
  PROTOCOL(NftType.PROTOCOL),
  DESTINATION_PORT(NftType.PORT);

  private final NftType type;

  NftKey(NftType type) {
    this.type = type;
  }

  NftType type() {
    return type;
  }
}
