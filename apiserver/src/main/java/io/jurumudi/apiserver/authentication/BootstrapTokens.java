package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tokens with which a new node introduces itself: an id and a secret, kept in a Secret of the type
 * bootstrap.kubernetes.io/token in kube-system.
 */
public final class BootstrapTokens implements TokenAuthenticator {
  private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
  private static final String TYPE = "bootstrap.kubernetes.io/token";

  private final ObjectSource objects;
  private final InstantSource clock;

  public BootstrapTokens(ObjectSource objects, InstantSource clock) {
    this.objects = objects;
    this.clock = clock;
  }

  @Override
  public Optional<Found> authenticate(String token, List<String> audiences)
      throws AuthenticationException {
    Matcher parts = TOKEN.matcher(token);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String id = parts.group(1);
    Optional<Secret> found =
        objects.find(Resources.SECRETS, "kube-system", "bootstrap-token-" + id);
    if (found.isEmpty()
        || found.get().metadata().deletionTimestamp() != null
        || !found.get().type().equals(TYPE)) {
      return Optional.empty();
    }
    Secret secret = found.get();
    boolean good =
        MessageDigest.isEqual(
                data(secret, "token-secret").getBytes(StandardCharsets.UTF_8),
                parts.group(2).getBytes(StandardCharsets.UTF_8))
            && data(secret, "token-id").equals(id)
            && data(secret, "usage-bootstrap-authentication").equals("true")
            && !isExpired(data(secret, "expiration"));
    if (!good) {
      return Optional.empty();
    }
    List<String> groups = new ArrayList<>();
    groups.add("system:bootstrappers");
    for (String group : data(secret, "auth-extra-groups").split(",", -1)) {
      if (!group.isEmpty()) {
        if (!GROUP.matcher(group).matches()) {
          throw new AuthenticationException(
              "bootstrap group " + group + " does not begin with system:bootstrappers:");
        }
        groups.add(group);
      }
    }
    return Optional.of(new Found(new UserInfo("system:bootstrap:" + id, groups), List.of()));
  }

  private boolean isExpired(String time) {
    if (time.isEmpty()) {
      return false;
    }
    try {
      return !Instant.parse(time).isAfter(clock.instant());
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  private static String data(Secret secret, String key) {
    var bytes = secret.data().get(key);
    return bytes == null ? "" : bytes.utf8();
  }
}
