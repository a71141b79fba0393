package io.jurumudi.apiserver.authorization;

import io.jurumudi.apiserver.authentication.UserInfo;
import java.util.ArrayList;
import java.util.List;

/** Authorizers made of others, and those without state. */
public final class Authorizers {
  /** Members of system:masters may do everything, whatever the rules say. */
  public static final Authorizer MASTERS =
      wish -> wish.user().in(UserInfo.MASTERS) ? Decision.allow("") : Decision.noOpinion("");

  private Authorizers() {}

  /** The first that allows or denies decides; reasons of those without opinion are collected. */
  public static Authorizer firstOf(List<Authorizer> authorizers) {
    List<Authorizer> all = List.copyOf(authorizers);
    return wish -> {
      List<String> reasons = new ArrayList<>(0);
      for (Authorizer one : all) {
        Decision decision = one.authorize(wish);
        if (decision.verdict() != Decision.Verdict.NO_OPINION) {
          return decision;
        }
        if (!decision.reason().isEmpty()) {
          reasons.add(decision.reason());
        }
      }
      return Decision.noOpinion(String.join("\n", reasons));
    };
  }
}
