package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.BoundObjectReference;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.authentication.v1.TokenRequestSpec;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers token requests: the subresource token of a service account. */
public final class TokenIssuer {
  private static final long MIN_SECONDS = 10 * 60;
  private static final long MAX_SECONDS = 1L << 32;
  private static final long DEFAULT_SECONDS = 3600;

  /**
   * What the kubelet asks for when it means the API server. Such tokens live a year for clients
   * that never read theirs again; after this time their use is warned of.
   */
  private static final long WARN_SECONDS = 3607;

  private static final Duration EXTENDED = Duration.ofDays(365);

  private final ServiceAccountTokens tokens;
  private final ObjectSource objects;
  private final InstantSource clock;

  public TokenIssuer(ServiceAccountTokens tokens, ObjectSource objects, InstantSource clock) {
    this.tokens = tokens;
    this.objects = objects;
    this.clock = clock;
  }

  /**
   * The request with its status filled in.
   *
   * @throws ApiException notFound when there is no such account; invalid, conflict
   */
  public TokenRequest issue(String namespace, String name, TokenRequest request) {
    ServiceAccount account =
        objects
            .find(Resources.SERVICEACCOUNTS, namespace, name)
            .orElseThrow(() -> ApiException.notFound(Resources.SERVICEACCOUNTS, name));
    String audience = tokens.audiences().getFirst();
    TokenRequestSpec spec = request.spec();
    List<String> audiences = spec.audiences().isEmpty() ? tokens.audiences() : spec.audiences();
    long seconds = spec.expirationSeconds() == null ? DEFAULT_SECONDS : spec.expirationSeconds();
    validate(seconds);
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Map<String, @Nullable Object> own = new LinkedHashMap<>();
    own.put("namespace", namespace);
    bind(own, spec.boundObjectRef(), account);
    own.put("serviceaccount", reference(account.metadata()));
    Duration life = Duration.ofSeconds(seconds);
    if (seconds == WARN_SECONDS
        && own.containsKey("pod")
        && audiences.size() == 1
        && audiences.getFirst().equals(audience)) {
      own.put("warnafter", now.plusSeconds(seconds).getEpochSecond());
      life = EXTENDED;
    }
    Map<String, @Nullable Object> claims = new LinkedHashMap<>();
    claims.put("aud", new ArrayList<>(audiences));
    claims.put("exp", now.plus(life).getEpochSecond());
    claims.put("iat", now.getEpochSecond());
    claims.put("iss", tokens.issuer());
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("kubernetes.io", own);
    claims.put("nbf", now.getEpochSecond());
    claims.put("sub", "system:serviceaccount:" + namespace + ":" + name);
    String token = tokens.keys().sign(claims);
    return request.toBuilder()
        .metadata(
            request.metadata().toBuilder()
                .name(name)
                .namespace(namespace)
                .creationTimestamp(now)
                .build())
        .spec(spec.toBuilder().audiences(audiences).expirationSeconds(seconds).build())
        .status(s -> s.token(token).expirationTimestamp(now.plusSeconds(seconds)))
        .build();
  }

  private static void validate(long seconds) {
    FieldPath path = FieldPath.of("spec").child("expirationSeconds");
    String wrong = null;
    if (seconds < MIN_SECONDS) {
      wrong = "may not specify a duration less than 10 minutes";
    } else if (seconds > MAX_SECONDS) {
      wrong = "may not specify a duration larger than 2^32 seconds";
    }
    if (wrong != null) {
      throw ApiException.invalid(
          "authentication.k8s.io",
          "TokenRequest",
          "",
          List.of(FieldError.invalid(path, seconds, wrong)));
    }
  }

  private void bind(
      Map<String, @Nullable Object> own,
      @Nullable BoundObjectReference reference,
      ServiceAccount account) {
    if (reference == null) {
      return;
    }
    String namespace = account.metadata().namespace();
    String kind = reference.apiVersion() + "/" + reference.kind();
    switch (kind) {
      case "v1/Pod" -> {
        Pod pod = found(Resources.PODS, namespace, reference);
        String wanted = pod.spec().serviceAccountName();
        if (!wanted.equals(account.metadata().name())) {
          throw ApiException.badRequest(
              "cannot bind token for serviceaccount \""
                  + account.metadata().name()
                  + "\" to pod running with different serviceaccount name.");
        }
        own.put("pod", reference(pod.metadata()));
        if (!pod.spec().nodeName().isEmpty()) {
          objects
              .find(Resources.NODES, "", pod.spec().nodeName())
              .ifPresent((Node node) -> own.put("node", reference(node.metadata())));
        }
      }
      case "v1/Secret" ->
          own.put("secret", reference(found(Resources.SECRETS, namespace, reference).metadata()));
      case "v1/Node" ->
          own.put("node", reference(found(Resources.NODES, "", reference).metadata()));
      default ->
          throw ApiException.badRequest(
              "cannot bind token to object of type "
                  + reference.apiVersion()
                  + ", Kind="
                  + reference.kind());
    }
  }

  private <T extends KubernetesObject<T>> T found(
      ResourceType<T> type, String namespace, BoundObjectReference reference) {
    T object =
        objects
            .find(type, namespace, reference.name())
            .orElseThrow(() -> ApiException.notFound(type, reference.name()));
    if (!reference.uid().isEmpty() && !reference.uid().equals(object.metadata().uid())) {
      throw ApiException.conflict(
          type,
          reference.name(),
          "the UID in the bound object reference ("
              + reference.uid()
              + ") does not match the UID in record. The object might have been deleted and then"
              + " recreated");
    }
    return object;
  }

  private static Map<String, @Nullable Object> reference(ObjectMeta meta) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", meta.name());
    fields.put("uid", meta.uid());
    return fields;
  }
}
