package io.jurumudi.linux;

import java.time.Duration;
import java.util.List;

/**
 * A set, or a map to values or verdicts.
 *
 * @param data types of a map's values; empty for a set or a map to verdicts
 * @param timeout of elements that rules add as packets pass; zero when rules add none
 */
public record NftSet(
    String name, List<NftType> key, List<NftType> data, boolean verdicts, Duration timeout) {

  public static NftSet set(String name, NftType... key) {
    return new NftSet(name, List.of(key), List.of(), false, Duration.ZERO);
  }

  public static NftSet verdictMap(String name, NftType... key) {
    return new NftSet(name, List.of(key), List.of(), true, Duration.ZERO);
  }

  public static NftSet map(String name, List<NftType> key, List<NftType> data) {
    return new NftSet(name, key, data, false, Duration.ZERO);
  }

  /** The same, filled by {@link NftRule#remember}; an element goes when unused for so long. */
  public NftSet dynamic(Duration newTimeout) {
    return new NftSet(name, key, data, verdicts, newTimeout);
  }
}
