package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.errors.GoQuote;

/**
 * Who owns fields: a name together with the way it changes objects.
 *
 * @param operation "Apply" or "Update"
 * @param apiVersion the version it writes in; empty for "Apply", where one name is one manager
 *     whatever version it writes in
 * @param subresource as in "status", or the empty string
 */
record Manager(String name, String operation, String apiVersion, String subresource) {
  static final String APPLY = "Apply";
  static final String UPDATE = "Update";

  static Manager applying(String name, String subresource) {
    return new Manager(name.isEmpty() ? "unknown" : name, APPLY, "", subresource);
  }

  static Manager updating(String name, String apiVersion, String subresource) {
    return new Manager(name.isEmpty() ? "unknown" : name, UPDATE, apiVersion, subresource);
  }

  /** The manager as messages about conflicts have it. */
  String describe() {
    return GoQuote.quote(name)
        + (subresource.isEmpty() ? "" : " with subresource " + GoQuote.quote(subresource))
        + (operation.equals(UPDATE) ? " using " + apiVersion : "");
  }
}
