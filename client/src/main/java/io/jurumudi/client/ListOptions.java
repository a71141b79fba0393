package io.jurumudi.client;

import io.jurumudi.machinery.selectors.Selector;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a list is to hold. All text, as in a URL; empty means not given.
 *
 * @param limit most objects in one answer; 0 for all
 * @param continueToken from the answer before, to go on where it ended
 * @param resourceVersion "0" for whatever the server has at hand, another for at least that version
 * @param resourceVersionMatch "Exact" or "NotOlderThan"
 */
public record ListOptions(
    String labelSelector,
    String fieldSelector,
    long limit,
    String continueToken,
    String resourceVersion,
    String resourceVersionMatch) {
  /** Everything, as it is now. */
  public static final ListOptions ALL = new ListOptions("", "", 0, "", "", "");

  public ListOptions withLabels(String selector) {
    return new ListOptions(
        selector, fieldSelector, limit, continueToken, resourceVersion, resourceVersionMatch);
  }

  public ListOptions withLabels(Selector selector) {
    return withLabels(selector.toString());
  }

  public ListOptions withFields(String selector) {
    return new ListOptions(
        labelSelector, selector, limit, continueToken, resourceVersion, resourceVersionMatch);
  }

  public ListOptions withLimit(long newLimit, String newContinueToken) {
    return new ListOptions(
        labelSelector,
        fieldSelector,
        newLimit,
        newContinueToken,
        resourceVersion,
        resourceVersionMatch);
  }

  public ListOptions withResourceVersion(String version) {
    return new ListOptions(
        labelSelector, fieldSelector, limit, continueToken, version, resourceVersionMatch);
  }

  /** The options as query parameters. */
  public Map<String, String> query() {
    Map<String, String> query = new TreeMap<>();
    put(query, "labelSelector", labelSelector);
    put(query, "fieldSelector", fieldSelector);
    put(query, "limit", limit == 0 ? "" : Long.toString(limit));
    put(query, "continue", continueToken);
    put(query, "resourceVersion", resourceVersion);
    put(query, "resourceVersionMatch", resourceVersionMatch);
    return query;
  }

  private static void put(Map<String, String> query, String key, String value) {
    if (!value.isEmpty()) {
      query.put(key, value);
    }
  }
}
