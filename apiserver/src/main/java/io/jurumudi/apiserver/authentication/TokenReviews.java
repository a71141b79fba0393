package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.authentication.v1.TokenReview;
import io.jurumudi.api.authentication.v1.TokenReviewStatus;
import io.jurumudi.machinery.errors.ApiException;
import java.util.List;
import java.util.Optional;

/** Answers whose a token is; a resource that is created and not kept. */
public final class TokenReviews {
  private final BearerAuthenticator tokens;

  public TokenReviews(BearerAuthenticator tokens) {
    this.tokens = tokens;
  }

  /**
   * @throws ApiException badRequest without a token
   */
  public TokenReview review(TokenReview question) {
    String token = question.spec().token();
    if (token.isEmpty()) {
      throw ApiException.badRequest("token is required for TokenReview in authentication");
    }
    return question.toBuilder().status(status(token, question.spec().audiences())).build();
  }

  private TokenReviewStatus status(String token, List<String> audiences) {
    try {
      Optional<TokenAuthenticator.Found> found = tokens.find(token, audiences);
      if (found.isEmpty()) {
        return TokenReviewStatus.builder().error("invalid bearer token").build();
      }
      UserInfo user = Authenticators.authenticated(found.get().user());
      return TokenReviewStatus.builder()
          .authenticated(true)
          .user(
              io.jurumudi.api.authentication.v1.UserInfo.builder()
                  .username(user.name())
                  .uid(user.uid())
                  .groups(user.groups())
                  .extra(user.extra())
                  .build())
          .audiences(found.get().audiences())
          .build();
    } catch (AuthenticationException e) {
      return TokenReviewStatus.builder().error(String.valueOf(e.getMessage())).build();
    }
  }
}
