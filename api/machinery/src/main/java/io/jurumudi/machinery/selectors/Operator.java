package io.jurumudi.machinery.selectors;

/** How a requirement relates a label to values. */
public enum Operator {
  IN("in"),
  NOT_IN("notin"),
  EQUALS("="),
  DOUBLE_EQUALS("=="),
  NOT_EQUALS("!="),
  EXISTS("exists"),
  DOES_NOT_EXIST("!"),
  GREATER_THAN("gt"),
  LESS_THAN("lt");

  private final String text;

  Operator(String text) {
    this.text = text;
  }

  /** Upstream's own name for the operator (k8s.io/apimachinery, selection). */
  public String text() {
    return text;
  }
}
