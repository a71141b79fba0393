package io.jurumudi.linux;

/**
 * A chain; a base chain hangs on a hook of the kernel's way of a packet.
 *
 * @param type {@code nat} or {@code filter}; empty for a chain that only rules lead to
 * @param priority lower ones see the packet earlier
 */
public record NftChain(String name, String type, Hook hook, int priority) {
  /** Places on a packet's way (linux/netfilter.h). */
  public enum Hook {
    PREROUTING(0),
    INPUT(1),
    FORWARD(2),
    OUTPUT(3),
    POSTROUTING(4);

    final int number;

    Hook(int number) {
      this.number = number;
    }
  }

  /** Priority of destination NAT, source NAT and filtering. */
  public static final int DESTINATION_NAT = -100;

  public static final int SOURCE_NAT = 100;
  public static final int FILTER = 0;

  public static NftChain of(String name) {
    return new NftChain(name, "", Hook.PREROUTING, 0);
  }

  public static NftChain nat(String name, Hook hook, int priority) {
    return new NftChain(name, "nat", hook, priority);
  }

  public static NftChain filter(String name, Hook hook, int priority) {
    return new NftChain(name, "filter", hook, priority);
  }

  boolean isBase() {
    return !type.isEmpty();
  }
}
