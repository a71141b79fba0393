package io.jurumudi.machinery.selectors;

/** A selector that does not parse, or asks for something impossible. The message says what. */
public final class SelectorSyntaxException extends IllegalArgumentException {
  public SelectorSyntaxException(String message) {
    super(message);
  }
}
