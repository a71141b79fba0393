package io.jurumudi.store;

/**
 * Keys from {@code start} (inclusive) to {@code end} (exclusive; empty means: to the last key).
 * Keys are ordered as {@link String#compareTo} orders them, which for all that Kubernetes writes is
 * the order of their bytes.
 */
public record KeyRange(String start, String end) {
  /** Every key there is. */
  public static final KeyRange ALL = new KeyRange("", "");

  /** The one key. */
  public static KeyRange key(String key) {
    return new KeyRange(key, key + '\0');
  }

  /** All keys that begin with {@code prefix}. */
  public static KeyRange prefix(String prefix) {
    int last = prefix.length() - 1;
    while (last >= 0 && prefix.charAt(last) == Character.MAX_VALUE) {
      last--;
    }
    String end = last < 0 ? "" : prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
    return new KeyRange(prefix, end);
  }

  /** The part of this range at and after {@code key}: where a paged read goes on. */
  public KeyRange from(String key) {
    return key.compareTo(start) <= 0 ? this : new KeyRange(key, end);
  }

  public boolean contains(String key) {
    return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end) < 0);
  }
}
