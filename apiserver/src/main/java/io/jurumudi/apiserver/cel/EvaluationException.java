package io.jurumudi.apiserver.cel;

/** An expression that has no value for what it was given; the message says why. */
public final class EvaluationException extends Exception {
  private final boolean overBudget;

  public EvaluationException(String message, boolean overBudget) {
    super(message);
    this.overBudget = overBudget;
  }

  /** Whether it was broken off because it costs too much. */
  public boolean overBudget() {
    return overBudget;
  }
}
