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
import java.util.OptionalLong;
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
  private static final FieldPath MATCH = FieldPath.of("resourceVersionMatch");

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
    if (watch) {
      checkWatch(query, match, initial, errors);
    } else {
      checkList(query, match, version, errors);
      if (initial) {
        errors.add(
            FieldError.forbidden(
                FieldPath.of("sendInitialEvents"), "sendInitialEvents is forbidden for list"));
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

  private static void checkWatch(
      Query query, String match, boolean initial, List<FieldError> errors) {
    if (!match.isEmpty() && !initial) {
      errors.add(
          FieldError.forbidden(
              MATCH,
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    }
    if (initial && !match.equals("NotOlderThan")) {
      errors.add(
          FieldError.forbidden(
              MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
    if (!match.isEmpty() && !match.equals("NotOlderThan")) {
      errors.add(FieldError.notSupported(MATCH, match, List.of("NotOlderThan")));
    }
    if (!query.get("continue").isEmpty()) {
      errors.add(
          FieldError.forbidden(
              MATCH, "resourceVersionMatch is forbidden when continue is provided"));
    }
  }

  private static void checkList(
      Query query, String match, String version, List<FieldError> errors) {
    if (match.isEmpty()) {
      return;
    }
    if (version.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!query.get("continue").isEmpty()) {
      errors.add(
          FieldError.forbidden(
              MATCH, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (!Set.of("Exact", "NotOlderThan").contains(match)) {
      errors.add(FieldError.notSupported(MATCH, match, List.of("Exact", "NotOlderThan", "")));
    }
    if (match.equals("Exact") && version.equals("0")) {
      errors.add(
          FieldError.forbidden(
              MATCH, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
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

  /** The resourceVersion of a list as a number, 0 when there is none. */
  long revision() {
    return parse(resourceVersion)
        .orElseThrow(
            () -> ApiException.badRequest("invalid resource version: " + wrong(resourceVersion)));
  }

  /** The same of a watch or a get, where upstream answers what is no number with 500. */
  static long strictRevision(String resourceVersion) {
    return parse(resourceVersion).orElseThrow(() -> ApiException.unknown(wrong(resourceVersion)));
  }

  private static OptionalLong parse(String resourceVersion) {
    if (resourceVersion.isEmpty()) {
      return OptionalLong.of(0);
    }
    try {
      long revision = Long.parseLong(resourceVersion);
      return revision < 0 ? OptionalLong.empty() : OptionalLong.of(revision);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static String wrong(String resourceVersion) {
    return "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax"
        .formatted(resourceVersion, resourceVersion);
  }
}
