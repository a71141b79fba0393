package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.Attributes;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.http.Headers;
import io.jurumudi.machinery.errors.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Acting as somebody else, for whom may: the Impersonate headers. */
final class Impersonation {
  private static final String EXTRA = "impersonate-extra-";
  private static final String ACCOUNT = "system:serviceaccount:";

  private Impersonation() {}

  /** Who the request is made as. */
  static UserInfo of(Headers headers, UserInfo user, Authorizer authorizer) {
    String name = headers.get("Impersonate-User", "");
    List<String> groups = headers.all("Impersonate-Group");
    String uid = headers.get("Impersonate-Uid", "");
    Map<String, List<String>> extra = new TreeMap<>();
    headers.forEach(
        (header, value) -> {
          String lower = header.toLowerCase(Locale.ROOT);
          if (lower.startsWith(EXTRA)) {
            extra
                .computeIfAbsent(
                    URLDecoder.decode(lower.substring(EXTRA.length()), StandardCharsets.UTF_8),
                    k -> new ArrayList<>())
                .add(value);
          }
        });
    if (name.isEmpty()) {
      if (!groups.isEmpty() || !uid.isEmpty() || !extra.isEmpty()) {
        throw ApiException.internalError(
            "requested [{Group  " + groups + "}] without impersonating a user");
      }
      return user;
    }
    if (name.startsWith(ACCOUNT) && name.indexOf(':', ACCOUNT.length()) > 0) {
      int colon = name.indexOf(':', ACCOUNT.length());
      may(
          authorizer,
          user,
          "",
          "serviceaccounts",
          name.substring(ACCOUNT.length(), colon),
          name.substring(colon + 1));
    } else {
      may(authorizer, user, "", "users", "", name);
    }
    for (String group : groups) {
      may(authorizer, user, "", "groups", "", group);
    }
    if (!uid.isEmpty()) {
      may(authorizer, user, "authentication.k8s.io", "uids", "", uid);
    }
    extra.forEach(
        (key, values) ->
            values.forEach(
                value ->
                    Pipeline.check(
                        authorizer,
                        Attributes.ofResource(
                            user,
                            "impersonate",
                            "",
                            "authentication.k8s.io",
                            "v1",
                            "userextras",
                            key,
                            value))));
    List<String> all = new ArrayList<>(groups);
    if (all.isEmpty() && name.startsWith(ACCOUNT)) {
      all.add("system:serviceaccounts");
      String rest = name.substring(ACCOUNT.length());
      if (rest.indexOf(':') > 0) {
        all.add("system:serviceaccounts:" + rest.substring(0, rest.indexOf(':')));
      }
    }
    String everybody =
        name.equals(UserInfo.ANONYMOUS) ? UserInfo.UNAUTHENTICATED : UserInfo.AUTHENTICATED;
    if (!all.contains(everybody)) {
      all.add(everybody);
    }
    return new UserInfo(name, uid, all, extra);
  }

  private static void may(
      Authorizer authorizer,
      UserInfo user,
      String group,
      String resource,
      String namespace,
      String name) {
    Pipeline.check(
        authorizer,
        Attributes.ofResource(user, "impersonate", namespace, group, "v1", resource, "", name));
  }
}
