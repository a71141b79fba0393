package io.jurumudi.store;

/**
 * A condition of a transaction on one key's present version. An absent key has 0 for every target.
 */
public record Compare(String key, Target target, Relation relation, long operand) {
  /** The number that is compared. */
  public enum Target {
    MOD_REVISION,
    CREATE_REVISION,
    VERSION,
    LEASE
  }

  /** How it must stand to the operand. */
  public enum Relation {
    EQUAL,
    NOT_EQUAL,
    GREATER,
    LESS
  }

  /** The key's newest version is exactly this one (0: the key is absent). */
  public static Compare modRevision(String key, long revision) {
    return new Compare(key, Target.MOD_REVISION, Relation.EQUAL, revision);
  }

  /** The key does not exist. */
  public static Compare absent(String key) {
    return modRevision(key, 0);
  }

  /** The key exists. */
  public static Compare present(String key) {
    return new Compare(key, Target.MOD_REVISION, Relation.GREATER, 0);
  }
}
