package io.jurumudi.apiserver.cel;

/**
 * What the evaluations for one request may still cost. Costs are counted in evaluated nodes of an
 * expression, about a nanosecond's tenfold each. Belongs to one thread.
 */
public final class Budget {
  /** For one evaluation. */
  public static final long PER_CALL = 1_000_000;

  /** For all expressions of a policy, or of a custom resource. */
  public static final long PER_REQUEST = 10_000_000;

  /** For all match conditions of a webhook or policy. */
  public static final long MATCH_CONDITIONS = 2_500_000;

  private long left;

  public Budget(long limit) {
    this.left = limit;
  }

  /** Whether everything is spent. */
  public boolean isSpent() {
    return left <= 0;
  }

  long left() {
    return left;
  }

  void spend(long cost) {
    left -= cost;
  }
}
