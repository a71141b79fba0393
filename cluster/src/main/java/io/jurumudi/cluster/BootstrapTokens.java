package io.jurumudi.cluster;

import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.cluster.join.JoinToken;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Bootstrap tokens as Secrets of kube-system, in the form that upstream and kubeadm know. */
public final class BootstrapTokens {
  public static final String TYPE = "bootstrap.kubernetes.io/token";
  static final String PREFIX = "bootstrap-token-";

  private BootstrapTokens() {}

  /** The Secret that makes a token good for joining. */
  static Secret secret(JoinToken token) {
    return Secret.builder()
        .metadata(m -> m.namespace("kube-system").name(PREFIX + token.id()))
        .type(TYPE)
        .data(
            Map.of(
                "token-id", Bytes.utf8(token.id()),
                "token-secret", Bytes.utf8(token.secret()),
                "usage-bootstrap-authentication", Bytes.utf8("true"),
                "auth-extra-groups", Bytes.utf8("system:bootstrappers:jurumudi"),
                "description", Bytes.utf8("For nodes to join with.")))
        .build();
  }

  private static String text(Secret secret, String key) {
    return secret.data().getOrDefault(key, Bytes.EMPTY).utf8();
  }

  /** The first token among the secrets. */
  public static Optional<JoinToken> find(List<Secret> secrets) {
    return secrets.stream()
        .filter(secret -> secret.type().equals(TYPE))
        .map(secret -> new JoinToken(text(secret, "token-id"), text(secret, "token-secret")))
        .filter(token -> !token.id().isEmpty() && !token.secret().isEmpty())
        .findFirst();
  }
}
