package io.jurumudi.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * One version of one key: immutable and shared by the index, the history, every reader and every
 * watcher. The value's array is shared too, and must never be written to.
 */
public final class KeyValue {
  private static final byte[] NO_VALUE = {};

  private final String key;
  private final byte[] value;
  private final long createRevision;
  private final long modRevision;
  private final long version;
  private final long lease;

  /**
   * @param createRevision revision at which the key was last created
   * @param modRevision revision of this version
   * @param version 1 on creation, one more at each put; 0 marks a deletion
   * @param lease the lease that the key hangs on, 0 for none
   */
  public KeyValue(
      String key, byte[] value, long createRevision, long modRevision, long version, long lease) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
    this.lease = lease;
  }

  /** What a watcher sees of a deletion: the key and the revision of its end, and no value. */
  static KeyValue tombstone(String key, long revision) {
    return new KeyValue(key, NO_VALUE, 0, revision, 0, 0);
  }

  public String key() {
    return key;
  }

  /** The value's bytes, shared: never write to them. Empty for a deletion. */
  public byte[] value() {
    return value;
  }

  public long createRevision() {
    return createRevision;
  }

  public long modRevision() {
    return modRevision;
  }

  public long version() {
    return version;
  }

  public long lease() {
    return lease;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyValue that
        && modRevision == that.modRevision
        && createRevision == that.createRevision
        && version == that.version
        && lease == that.lease
        && key.equals(that.key)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, modRevision);
  }

  @Override
  public String toString() {
    String text =
        value.length <= 40
            ? new String(value, StandardCharsets.UTF_8)
            : "(" + value.length + " bytes)";
    return key + "=" + text + "@" + createRevision + "/" + modRevision + "v" + version;
  }
}
