package io.jurumudi.store;

/** One step of a transaction. */
public sealed interface Op {
  /**
   * Writes a key. The store keeps the array: the caller must not write to it afterwards.
   *
   * @param lease the lease that the key shall hang on, 0 for none (an earlier one is let go)
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Put(String key, byte[] value, long lease) implements Op {}

  /** Deletes every key of the range; deleting nothing is no error and makes no revision. */
  record Delete(KeyRange range) implements Op {}

  /**
   * Reads as the transaction's earlier steps left it.
   *
   * @param limit most items to return, 0 for all
   */
  record Read(KeyRange range, int limit) implements Op {}

  static Op put(String key, byte[] value) {
    return new Put(key, value, 0);
  }

  static Op put(String key, byte[] value, long lease) {
    return new Put(key, value, lease);
  }

  static Op delete(String key) {
    return new Delete(KeyRange.key(key));
  }

  static Op delete(KeyRange range) {
    return new Delete(range);
  }

  static Op read(String key) {
    return new Read(KeyRange.key(key), 0);
  }
}
