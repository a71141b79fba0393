package io.jurumudi.apiserver.authorization;

/**
 * An authorizer's answer.
 *
 * @param reason shown to the client when nobody allows the request
 */
public record Decision(Verdict verdict, String reason) {
  /** No opinion leaves the matter to the next authorizer; when nobody allows, it is forbidden. */
  public enum Verdict {
    ALLOW,
    DENY,
    NO_OPINION
  }

  public static Decision allow(String reason) {
    return new Decision(Verdict.ALLOW, reason);
  }

  public static Decision deny(String reason) {
    return new Decision(Verdict.DENY, reason);
  }

  public static Decision noOpinion(String reason) {
    return new Decision(Verdict.NO_OPINION, reason);
  }

  public boolean allowed() {
    return verdict == Verdict.ALLOW;
  }
}
