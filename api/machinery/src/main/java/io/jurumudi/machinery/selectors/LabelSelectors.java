package io.jurumudi.machinery.selectors;

/** Makes label selectors. */
public final class LabelSelectors {
  private LabelSelectors() {}

  /**
   * The selector of a text such as {@code app=web,tier in (a,b),!old}.
   *
   * @throws SelectorSyntaxException when it does not parse, with upstream's message
   */
  public static Selector parse(String text) {
    return text.isEmpty() ? Selector.everything() : new SelectorParser(text).parse();
  }
}
