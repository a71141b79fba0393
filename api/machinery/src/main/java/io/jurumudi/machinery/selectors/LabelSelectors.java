package io.jurumudi.machinery.selectors;

import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.LabelSelectorRequirement;
import io.jurumudi.machinery.errors.GoQuote;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * The selector that an object holds: null selects nothing, an empty one everything.
   *
   * @throws SelectorSyntaxException when it is not valid
   */
  public static Selector of(@Nullable LabelSelector selector) {
    if (selector == null) {
      return Selector.nothing();
    }
    List<Requirement> requirements = new ArrayList<>();
    selector
        .matchLabels()
        .forEach(
            (key, value) ->
                requirements.add(Requirement.checked(key, Operator.EQUALS, List.of(value))));
    for (LabelSelectorRequirement expression : selector.matchExpressions()) {
      Operator operator =
          switch (expression.operator()) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            default ->
                throw new SelectorSyntaxException(
                    GoQuote.quote(expression.operator())
                        + " is not a valid label selector operator");
          };
      requirements.add(Requirement.checked(expression.key(), operator, expression.values()));
    }
    return Selector.of(requirements);
  }
}
