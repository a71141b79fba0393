package io.jurumudi.apiserver.authentication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Authenticators made of others. */
public final class Authenticators {
  private static final UserInfo ANONYMOUS =
      new UserInfo(UserInfo.ANONYMOUS, UserInfo.UNAUTHENTICATED);

  private Authenticators() {}

  /**
   * The first that knows the maker answers. A credential that one of them finds wrong is refused
   * only when no other accepts the request.
   */
  public static Authenticator firstOf(List<Authenticator> authenticators) {
    List<Authenticator> all = List.copyOf(authenticators);
    return credentials -> {
      AuthenticationException wrong = null;
      for (Authenticator one : all) {
        try {
          Optional<UserInfo> user = one.authenticate(credentials);
          if (user.isPresent()) {
            return user;
          }
        } catch (AuthenticationException e) {
          wrong = e;
        }
      }
      if (wrong != null) {
        throw wrong;
      }
      return Optional.empty();
    };
  }

  /** Adds the group that every known user is in, and lets the unknown in under their own name. */
  public static Authenticator withGroups(Authenticator authenticator, boolean anonymous) {
    return credentials -> {
      Optional<UserInfo> known = authenticator.authenticate(credentials);
      if (known.isEmpty()) {
        return anonymous ? Optional.of(ANONYMOUS) : known;
      }
      return known.map(Authenticators::authenticated);
    };
  }

  static UserInfo authenticated(UserInfo user) {
    if (user.in(UserInfo.AUTHENTICATED) || user.in(UserInfo.UNAUTHENTICATED)) {
      return user;
    }
    List<String> groups = new ArrayList<>(user.groups());
    groups.add(UserInfo.AUTHENTICATED);
    return new UserInfo(user.name(), user.uid(), groups, user.extra());
  }

  /** Users whose bearer tokens are written down: tokens as keys. */
  public static TokenAuthenticator staticTokens(Map<String, UserInfo> tokens) {
    Map<String, UserInfo> all = Map.copyOf(tokens);
    return (token, audiences) ->
        Optional.ofNullable(all.get(token))
            .map(user -> new TokenAuthenticator.Found(user, List.of()));
  }
}
