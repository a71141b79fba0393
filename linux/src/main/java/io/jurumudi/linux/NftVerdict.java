package io.jurumudi.linux;

import java.util.Objects;

/** Where a packet goes next. {@code chain} is empty but for jump and goto. */
public record NftVerdict(int code, String chain) {
  public static final NftVerdict DROP = new NftVerdict(0, "");
  public static final NftVerdict ACCEPT = new NftVerdict(1, "");
  public static final NftVerdict RETURN = new NftVerdict(-5, "");

  public NftVerdict {
    Objects.requireNonNull(chain);
  }

  /** Comes back when the chain ends. */
  public static NftVerdict jump(String chain) {
    return new NftVerdict(-3, chain);
  }

  /** Does not come back. */
  public static NftVerdict goTo(String chain) {
    return new NftVerdict(-4, chain);
  }
}
