package io.jurumudi.apiserver.authentication;

import java.util.List;
import java.util.Map;

/**
 * Who makes a request.
 *
 * @param uid empty when the authenticator knows none
 * @param extra keys in lower case, as in a SubjectAccessReview
 */
public record UserInfo(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  public static final String ANONYMOUS = "system:anonymous";
  public static final String AUTHENTICATED = "system:authenticated";
  public static final String UNAUTHENTICATED = "system:unauthenticated";
  public static final String MASTERS = "system:masters";

  public UserInfo {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  public UserInfo(String name, List<String> groups) {
    this(name, "", groups, Map.of());
  }

  public UserInfo(String name, String... groups) {
    this(name, "", List.of(groups), Map.of());
  }

  public boolean in(String group) {
    return groups.contains(group);
  }
}
