package io.jurumudi.apiserver.verbs;

import io.jurumudi.apiserver.request.Query;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.selectors.FieldSelector;
import io.jurumudi.machinery.selectors.FieldSelectors;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.machinery.selectors.SelectorSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the query of a list or watch says.
 *
 * @param limit 0 for all
 * @param continueToken empty for the first page
 * @param resourceVersion empty when none is given
 * @param resourceVersionMatch Exact, NotOlderThan or empty
 * @param sendInitialEvents of a watch: begin with the state at present, end that with a bookmark
 * @param timeoutSeconds of a watch; 0 for the server's choice
 */
public record ListOptions(
    Selector labels,
    FieldSelector fields,
    int limit,
    String continueToken,
    String resourceVersion,
    String resourceVersionMatch,
    boolean allowWatchBookmarks,
    boolean sendInitialEvents,
    boolean initialEventsSpecified,
    long timeoutSeconds) {

  /**
   * @param watch whether they are of a watch
   */
  public static ListOptions of(Query query, boolean watch) {
    Selector labels;
    FieldSelector fields;
    try {
      labels = LabelSelectors.parse(query.get("labelSelector"));
    } catch (SelectorSyntaxException e) {
      throw ApiException.badRequest(String.valueOf(e.getMessage()));
    }
    try {
      fields = FieldSelectors.parse(query.get("fieldSelector"));
    } catch (SelectorSyntaxException e) {
      throw ApiException.badRequest(String.valueOf(e.getMessage()));
    }
    long limit = number(query, "limit");
    String match = query.get("resourceVersionMatch");
    String version = query.get("resourceVersion");
    boolean initial = query.has("sendInitialEvents");
    List<FieldError> errors = new ArrayList<>();
    FieldPath matchPath = FieldPath.of("resourceVersionMatch");
    if (watch && !match.isEmpty() && !initial) {
      errors.add(
          FieldError.forbidden(
              matchPath,
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
      if (!match.equals("NotOlderThan")) {
        errors.add(FieldError.notSupported(matchPath, match, List.of("NotOlderThan")));
      }
    } else if (watch && initial && !match.equals("NotOlderThan")) {
      errors.add(
          FieldError.forbidden(
              matchPath,
              "sendInitialEvents requires setting resourceVersionMatch to" + " NotOlderThan"));
    } else if (!watch && initial) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("sendInitialEvents"), "sendInitialEvents is forbidden for list"));
    } else if (!watch && !match.isEmpty()) {
      if (version.isEmpty()) {
        errors.add(
            FieldError.forbidden(
                matchPath, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
      }
      if (!query.get("continue").isEmpty()) {
        errors.add(
            FieldError.forbidden(
                matchPath, "resourceVersionMatch is forbidden when continue is provided"));
      }
      if (!Set.of("Exact", "NotOlderThan").contains(match)) {
        errors.add(FieldError.notSupported(matchPath, match, List.of("Exact", "NotOlderThan", "")));
      }
      if (match.equals("Exact") && version.equals("0")) {
        errors.add(
            FieldError.forbidden(
                matchPath,
                "resourceVersionMatch \"Exact\" is forbidden for resourceVersion" + " \"0\""));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid("meta.k8s.io", "ListOptions", "", errors);
    }
    return new ListOptions(
        labels,
        fields,
        (int) Math.min(limit, Integer.MAX_VALUE),
        query.get("continue"),
        version,
        match,
        query.flag("allowWatchBookmarks"),
        query.flag("sendInitialEvents"),
        initial,
        number(query, "timeoutSeconds"));
  }

  private static long number(Query query, String name) {
    String text = query.get(name);
    if (text.isEmpty()) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
    }
  }

  /** The resourceVersion as a number, 0 when there is none. */
  long revision() {
    if (resourceVersion.isEmpty()) {
      return 0;
    }
    try {
      long revision = Long.parseLong(resourceVersion);
      if (revision >= 0) {
        return revision;
      }
    } catch (NumberFormatException e) {
      // Answered below.
    }
    throw ApiException.badRequest(
        "invalid resource version: resourceVersion: Invalid value: \""
            + resourceVersion
            + "\": strconv.ParseUint: parsing \""
            + resourceVersion
            + "\": invalid syntax");
  }
}
