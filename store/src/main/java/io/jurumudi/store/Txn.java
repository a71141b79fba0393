package io.jurumudi.store;

import java.util.List;

/**
 * If every condition holds, do {@code success}, otherwise do {@code failure}: all of it or nothing,
 * at one revision. No key may be written twice in one transaction.
 */
public record Txn(List<Compare> conditions, List<Op> success, List<Op> failure) {
  public Txn {
    conditions = List.copyOf(conditions);
    success = List.copyOf(success);
    failure = List.copyOf(failure);
  }

  /** The steps, unconditionally. */
  public static Txn of(Op... steps) {
    return new Txn(List.of(), List.of(steps), List.of());
  }

  /** The step if the condition holds; otherwise reads the condition's key. */
  public static Txn ifThen(Compare condition, Op step) {
    return new Txn(List.of(condition), List.of(step), List.of(Op.read(condition.key())));
  }
}
