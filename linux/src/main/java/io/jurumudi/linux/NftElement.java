package io.jurumudi.linux;

import org.jspecify.annotations.Nullable;

/**
 * An element of a set or map.
 *
 * @param data of a map to values, else null
 * @param verdict of a map to verdicts, else null
 */
public record NftElement(NftValue key, @Nullable NftValue data, @Nullable NftVerdict verdict) {
  public static NftElement of(NftValue key) {
    return new NftElement(key, null, null);
  }

  public static NftElement of(NftValue key, NftValue data) {
    return new NftElement(key, data, null);
  }

  public static NftElement of(NftValue key, NftVerdict verdict) {
    return new NftElement(key, null, verdict);
  }
}
