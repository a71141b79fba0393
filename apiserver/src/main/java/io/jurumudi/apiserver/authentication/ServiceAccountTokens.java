package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.api.meta.v1.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of service accounts: signed by this server, and good for as long as the account and the
 * objects they are bound to live. A checked signature is remembered, {@link #REMEMBERED} of them;
 * what can change is asked every time.
 */
public final class ServiceAccountTokens implements TokenAuthenticator {
  /** A deleted object's tokens die this much later, as upstream's do. */
  static final Duration DELETION_LEEWAY = Duration.ofSeconds(60);

  static final String EXTRA = "authentication.kubernetes.io/";
  private static final String SUBJECT = "system:serviceaccount:";
  private static final int REMEMBERED = 4096;

  private final ServiceAccountKeys keys;
  private final List<String> issuers;
  private final List<String> audiences;
  private final ObjectSource objects;
  private final InstantSource clock;
  private final Map<String, Map<?, ?>> checked = new ConcurrentHashMap<>();

  /**
   * @param issuers whose tokens are accepted; new ones are of the first
   * @param audiences of this server
   */
  public ServiceAccountTokens(
      ServiceAccountKeys keys,
      List<String> issuers,
      List<String> audiences,
      ObjectSource objects,
      InstantSource clock) {
    this.keys = keys;
    this.issuers = List.copyOf(issuers);
    this.audiences = List.copyOf(audiences);
    this.objects = objects;
    this.clock = clock;
  }

  @Override
  public Optional<Found> authenticate(String token, List<String> wanted)
      throws AuthenticationException {
    Map<?, ?> claims = checked.get(token);
    if (claims == null) {
      claims = ServiceAccountKeys.claims(token);
      if (claims == null || !issuers.contains(text(claims, "iss"))) {
        return Optional.empty();
      }
      keys.verify(token);
      if (checked.size() >= REMEMBERED) {
        checked.clear();
      }
      checked.put(token, claims);
    }
    try {
      return Optional.of(validated(claims, wanted.isEmpty() ? audiences : wanted));
    } catch (AuthenticationException e) {
      checked.remove(token);
      throw e;
    }
  }

  private Found validated(Map<?, ?> claims, List<String> wanted) throws AuthenticationException {
    List<String> meant =
        switch (claims.get("aud")) {
          case List<?> list -> list.stream().map(String::valueOf).toList();
          case String one -> List.of(one);
          case null, default -> List.of();
        };
    List<String> common = wanted.stream().filter(meant::contains).toList();
    if (common.isEmpty()) {
      throw new AuthenticationException(
          "token audiences " + meant + " is invalid for the target audiences " + wanted);
    }
    long now = clock.instant().getEpochSecond();
    if (now > number(claims, "exp")) {
      throw new AuthenticationException("service account token has expired");
    }
    if (now < number(claims, "nbf")) {
      throw new AuthenticationException("service account token is not valid yet");
    }
    if (!(claims.get("kubernetes.io") instanceof Map<?, ?> own)) {
      throw new AuthenticationException("token is of no service account");
    }
    String namespace = text(own, "namespace");
    Bound account = Bound.of(own, "serviceaccount");
    if (account == null) {
      throw new AuthenticationException("token is of no service account");
    }
    if (!text(claims, "sub").equals(SUBJECT + namespace + ":" + account.name)) {
      throw new AuthenticationException("token's subject is not its service account");
    }
    alive(
        objects
            .find(Resources.SERVICEACCOUNTS, namespace, account.name)
            .map(ServiceAccount::metadata),
        "service account",
        account);
    Map<String, List<String>> extra = new TreeMap<>();
    Bound secret = Bound.of(own, "secret");
    if (secret != null) {
      alive(
          objects.find(Resources.SECRETS, namespace, secret.name).map(Secret::metadata),
          "secret",
          secret);
    }
    Bound pod = Bound.of(own, "pod");
    Bound node = Bound.of(own, "node");
    if (pod != null) {
      alive(objects.find(Resources.PODS, namespace, pod.name).map(Pod::metadata), "pod", pod);
      extra.put(EXTRA + "pod-name", List.of(pod.name));
      extra.put(EXTRA + "pod-uid", List.of(pod.uid));
    }
    if (node != null) {
      if (pod == null) {
        alive(objects.find(Resources.NODES, "", node.name).map(Node::metadata), "node", node);
      }
      extra.put(EXTRA + "node-name", List.of(node.name));
      extra.put(EXTRA + "node-uid", List.of(node.uid));
    }
    String id = text(claims, "jti");
    if (!id.isEmpty()) {
      extra.put(EXTRA + "credential-id", List.of("JTI=" + id));
    }
    return new Found(user(namespace, account.name, account.uid, extra), common);
  }

  /** A service account as a user. */
  public static UserInfo user(
      String namespace, String name, String uid, Map<String, List<String>> extra) {
    List<String> groups = new ArrayList<>();
    groups.add("system:serviceaccounts");
    groups.add("system:serviceaccounts:" + namespace);
    return new UserInfo(SUBJECT + namespace + ":" + name, uid, groups, extra);
  }

  private void alive(Optional<ObjectMeta> found, String what, Bound bound)
      throws AuthenticationException {
    if (found.isEmpty()) {
      throw new AuthenticationException(what + " " + bound.name + " of the token does not exist");
    }
    ObjectMeta meta = found.get();
    if (!meta.uid().equals(bound.uid) && !(what.equals("node") && bound.uid.isEmpty())) {
      throw new AuthenticationException(
          what + " " + bound.name + " of the token is another with the same name");
    }
    Instant deleted = meta.deletionTimestamp();
    if (deleted != null && clock.instant().isAfter(deleted.plus(DELETION_LEEWAY))) {
      throw new AuthenticationException(what + " " + bound.name + " of the token is deleted");
    }
  }

  private record Bound(String name, String uid) {
    static @Nullable Bound of(Map<?, ?> own, String key) {
      return own.get(key) instanceof Map<?, ?> fields
          ? new Bound(text(fields, "name"), text(fields, "uid"))
          : null;
    }
  }

  private static String text(Map<?, ?> fields, String key) {
    return fields.get(key) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> fields, String key) {
    return fields.get(key) instanceof Number number ? number.longValue() : 0;
  }

  ServiceAccountKeys keys() {
    return keys;
  }

  String issuer() {
    return issuers.getFirst();
  }

  List<String> audiences() {
    return audiences;
  }
}
