package io.jurumudi.apiserver.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.BoundObjectReference;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.http.Headers;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceAccountTokensTest {
  private static final String API = "https://kubernetes.default.svc";

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private final MapObjects objects = new MapObjects();

  private static ObjectMeta meta(String namespace, String name, String uid) {
    return ObjectMeta.builder().namespace(namespace).name(name).uid(uid).build();
  }

  private static final KeyPair RSA = rsa();

  /** Made once: an RSA key takes a second. */
  private static KeyPair rsa() {
    try {
      return keys("RSA");
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair keys(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
    return generator.generateKeyPair();
  }

  private ServiceAccountTokens tokens(String algorithm) throws GeneralSecurityException {
    KeyPair pair = algorithm.equals("RSA") ? RSA : keys(algorithm);
    return new ServiceAccountTokens(
        new ServiceAccountKeys(pair.getPrivate(), pair.getPublic(), List.of()),
        List.of(API),
        List.of(API),
        objects,
        clock);
  }

  private final ServiceAccount account =
      ServiceAccount.builder().metadata(meta("default", "builder", "sa-1")).build();
  private final Pod pod =
      Pod.builder()
          .metadata(meta("default", "web", "pod-1"))
          .spec(s -> s.serviceAccountName("builder").nodeName("node-1"))
          .build();

  private void populate() {
    objects.put(Resources.SERVICEACCOUNTS, account);
    objects.put(Resources.PODS, pod);
    objects.put(Resources.NODES, Node.builder().metadata(meta("", "node-1", "n-1")).build());
  }

  private static TokenRequest request(long seconds, String podUid) {
    return TokenRequest.builder()
        .spec(
            s ->
                s.expirationSeconds(seconds)
                    .boundObjectRef(
                        podUid.isEmpty()
                            ? null
                            : BoundObjectReference.builder()
                                .apiVersion("v1")
                                .kind("Pod")
                                .name("web")
                                .uid(podUid)
                                .build()))
        .build();
  }

  private static UserInfo user(ServiceAccountTokens tokens, String token)
      throws AuthenticationException {
    return tokens.authenticate(token, List.of()).orElseThrow().user();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void issuedTokensSayWhoseTheyAre(String algorithm) throws Exception {
    populate();
    ServiceAccountTokens tokens = tokens(algorithm);
    TokenRequest answer =
        new TokenIssuer(tokens, objects, clock).issue("default", "builder", request(3600, "pod-1"));
    assertThat(answer.status().expirationTimestamp()).isEqualTo(now.plusSeconds(3600));
    assertThat(answer.spec().audiences()).containsExactly(API);
    String token = answer.status().token();
    UserInfo user = user(tokens, token);
    assertThat(user.name()).isEqualTo("system:serviceaccount:default:builder");
    assertThat(user.uid()).isEqualTo("sa-1");
    assertThat(user.groups())
        .containsExactly("system:serviceaccounts", "system:serviceaccounts:default");
    assertThat(user.extra())
        .containsEntry("authentication.kubernetes.io/pod-name", List.of("web"))
        .containsEntry("authentication.kubernetes.io/node-name", List.of("node-1"))
        .containsKey("authentication.kubernetes.io/credential-id");
    Authenticator whole = Authenticators.withGroups(new BearerAuthenticator(List.of(tokens)), true);
    assertThat(
            whole
                .authenticate(
                    new Credentials(Headers.of("Authorization", "Bearer " + token), List.of()))
                .orElseThrow()
                .groups())
        .contains("system:authenticated");
    assertThat(whole.authenticate(new Credentials(new Headers(), List.of())).orElseThrow().name())
        .isEqualTo("system:anonymous");
    assertThat(new String(tokens.keys().jwks(), StandardCharsets.UTF_8)).contains("\"kid\"");
  }

  @Test
  void tamperedForeignAndLateTokensAreRefused() throws Exception {
    populate();
    ServiceAccountTokens tokens = tokens("RSA");
    String token =
        new TokenIssuer(tokens, objects, clock)
            .issue("default", "builder", request(600, ""))
            .status()
            .token();
    String[] parts = token.split("\\.", -1);
    Map<String, Object> claims =
        new java.util.TreeMap<>(
            Trees.map(Trees.parseJson(java.util.Base64.getUrlDecoder().decode(parts[1]))));
    claims.put("sub", "system:serviceaccount:kube-system:admin");
    String forged =
        parts[0]
            + "."
            + java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Trees.writeJson(claims))
            + "."
            + parts[2];
    assertThatThrownBy(() -> user(tokens, forged)).hasMessageContaining("signature");
    String none =
        java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + parts[1]
            + ".";
    assertThatThrownBy(() -> user(tokens, none)).hasMessageContaining("signature");
    assertThatThrownBy(() -> user(tokens("EC"), token)).hasMessageContaining("signature");
    assertThatThrownBy(() -> tokens.authenticate(token, List.of("vault")))
        .hasMessageContaining("audiences");
    assertThat(tokens.authenticate("not a token", List.of())).isEmpty();
    now = now.plusSeconds(601);
    assertThatThrownBy(() -> user(tokens, token)).hasMessageContaining("expired");
  }

  @Test
  void tokensDieWithWhatTheyAreBoundTo() throws Exception {
    populate();
    ServiceAccountTokens tokens = tokens("RSA");
    TokenIssuer issuer = new TokenIssuer(tokens, objects, clock);
    String token = issuer.issue("default", "builder", request(3600, "pod-1")).status().token();
    assertThat(user(tokens, token).name()).endsWith("builder");
    objects.put(
        Resources.PODS,
        pod.withMetadata(pod.metadata().toBuilder().deletionTimestamp(now).build()));
    assertThat(user(tokens, token).name()).endsWith("builder");
    now = now.plusSeconds(61);
    assertThatThrownBy(() -> user(tokens, token)).hasMessageContaining("pod web");
    objects.put(Resources.PODS, pod.withMetadata(meta("default", "web", "pod-2")));
    assertThatThrownBy(() -> user(tokens, token)).hasMessageContaining("another");
    assertThatThrownBy(() -> issuer.issue("default", "builder", request(3600, "pod-1")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isConflict()).isTrue());
    objects.remove(Resources.SERVICEACCOUNTS, account);
    assertThatThrownBy(() -> issuer.issue("default", "builder", request(3600, "")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isNotFound()).isTrue());
  }

  @Test
  void shortLivesAreInvalidAndKubeletsTokensLiveOn() throws Exception {
    populate();
    ServiceAccountTokens tokens = tokens("EC");
    TokenIssuer issuer = new TokenIssuer(tokens, objects, clock);
    assertThatThrownBy(() -> issuer.issue("default", "builder", request(599, "")))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.code()).isEqualTo(422);
              assertThat(e.getMessage()).contains("less than 10 minutes");
            });
    TokenRequest extended = issuer.issue("default", "builder", request(3607, "pod-1"));
    assertThat(extended.status().expirationTimestamp()).isEqualTo(now.plusSeconds(3607));
    now = now.plusSeconds(100_000);
    assertThat(user(tokens, extended.status().token()).uid()).isEqualTo("sa-1");
  }

  @Test
  void bootstrapTokensIntroduceNodes() throws Exception {
    objects.put(
        Resources.SECRETS,
        Secret.builder()
            .metadata(meta("kube-system", "bootstrap-token-abcdef", "s"))
            .type("bootstrap.kubernetes.io/token")
            .data(
                Map.of(
                    "token-id", Bytes.utf8("abcdef"),
                    "token-secret", Bytes.utf8("0123456789abcdef"),
                    "usage-bootstrap-authentication", Bytes.utf8("true"),
                    "expiration", Bytes.utf8("2026-01-01T01:00:00Z"),
                    "auth-extra-groups", Bytes.utf8("system:bootstrappers:worker")))
            .build());
    BootstrapTokens tokens = new BootstrapTokens(objects, clock);
    UserInfo user = tokens.authenticate("abcdef.0123456789abcdef", List.of()).orElseThrow().user();
    assertThat(user.name()).isEqualTo("system:bootstrap:abcdef");
    assertThat(user.groups())
        .containsExactly("system:bootstrappers", "system:bootstrappers:worker");
    assertThat(tokens.authenticate("abcdef.0123456789abcdee", List.of())).isEmpty();
    now = now.plusSeconds(3601);
    assertThat(tokens.authenticate("abcdef.0123456789abcdef", List.of())).isEmpty();
  }
}
