package io.jurumudi.apiserver.policy;

import io.jurumudi.apiserver.cel.Budget;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.cel.Expression;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy's variables for one write: each is evaluated when it is first looked at, and once.
 * Belongs to one thread.
 */
final class LazyVariables extends AbstractMap<String, @Nullable Object> {
  private final Map<String, Expression> expressions;
  private final Map<String, @Nullable Object> values;
  private final Budget budget;
  private final Map<String, @Nullable Object> known = new HashMap<>();
  private final Set<String> running = new HashSet<>();

  /**
   * @param values of all other variables
   */
  LazyVariables(
      Map<String, Expression> expressions, Map<String, @Nullable Object> values, Budget budget) {
    this.expressions = expressions;
    this.values = values;
    this.budget = budget;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return name != null && expressions.containsKey(name);
  }

  @Override
  public @Nullable Object get(@Nullable Object key) {
    if (!(key instanceof String name)) {
      return null;
    }
    Expression expression = expressions.get(name);
    if (expression == null) {
      return null;
    }
    if (!known.containsKey(name)) {
      if (!running.add(name)) {
        throw new IllegalArgumentException("the variable " + name + " refers to itself");
      }
      try {
        known.put(name, expression.evaluate(values, budget));
      } catch (EvaluationException e) {
        throw new IllegalArgumentException(
            "composited variable \"" + name + "\" fails to evaluate: " + e.getMessage(), e);
      } finally {
        running.remove(name);
      }
    }
    return known.get(name);
  }

  @Override
  public Set<Entry<String, @Nullable Object>> entrySet() {
    Set<Entry<String, @Nullable Object>> entries = new HashSet<>();
    for (String name : expressions.keySet()) {
      entries.add(new SimpleImmutableEntry<>(name, get(name)));
    }
    return entries;
  }
}
