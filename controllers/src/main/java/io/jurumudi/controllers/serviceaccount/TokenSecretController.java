package io.jurumudi.controllers.serviceaccount;

import io.jurumudi.api.Resources;
import io.jurumudi.api.authentication.v1.BoundObjectReference;
import io.jurumudi.api.authentication.v1.TokenRequest;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Fills Secrets of type {@code kubernetes.io/service-account-token} with a token, and deletes those
 * whose ServiceAccount is gone. The tokens are valid as long as their Secret is there.
 */
public final class TokenSecretController implements AutoCloseable {
  private static final String TYPE = "kubernetes.io/service-account-token";
  private static final String NAME = "kubernetes.io/service-account.name";
  private static final String UID = "kubernetes.io/service-account.uid";

  /** The longest that may be asked for: 2^32 seconds. */
  private static final long FOR_EVER = 1L << 32;

  private final Resource<Secret> secretClient;
  private final Resource<ServiceAccount> accountClient;
  private final Informer<Secret> secrets;
  private final Informer<ServiceAccount> accounts;
  private final Bytes rootCa;
  private final Controller<ObjectKey> controller;

  /**
   * @param rootCaPem the certificates that the API server's certificate can be checked with
   */
  public TokenSecretController(ControllerContext context, String rootCaPem) {
    secretClient = context.client().resource(Resources.SECRETS);
    accountClient = context.client().resource(Resources.SERVICEACCOUNTS);
    secrets = context.informers().informer(Resources.SECRETS);
    accounts = context.informers().informer(Resources.SERVICEACCOUNTS);
    rootCa = Bytes.utf8(rootCaPem);
    controller = new Controller<>("serviceaccount-token", this::reconcile, 2, context.clock());
    secrets.addHandler(
        EventHandler.of(
            secret -> {
              if (secret.type().equals(TYPE)) {
                controller.enqueue(ObjectKey.of(secret));
              }
            }));
    accounts.addHandler(
        EventHandler.of(
            account ->
                secrets.list(account.metadata().namespace()).stream()
                    .filter(secret -> secret.type().equals(TYPE))
                    .filter(
                        secret ->
                            account
                                .metadata()
                                .name()
                                .equals(secret.metadata().annotations().get(NAME)))
                    .forEach(secret -> controller.enqueue(ObjectKey.of(secret)))));
  }

  public void start() {
    controller.start(secrets, accounts);
  }

  private Result reconcile(ObjectKey key) {
    Optional<Secret> found = secrets.get(key);
    if (found.isEmpty() || found.get().metadata().deletionTimestamp() != null) {
      return Result.done();
    }
    Secret secret = found.get();
    String name = secret.metadata().annotations().getOrDefault(NAME, "");
    String uid = secret.metadata().annotations().getOrDefault(UID, "");
    Optional<ServiceAccount> account = accountClient.find(key.namespace(), name);
    if (account.isEmpty() || !(uid.isEmpty() || uid.equals(account.get().metadata().uid()))) {
      secretClient.delete(secret);
      return Result.done();
    }
    try {
      fill(secret, account.get());
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
    return Result.done();
  }

  private void fill(Secret secret, ServiceAccount account) {
    Map<String, Bytes> data = new TreeMap<>(secret.data());
    String namespace = secret.metadata().namespace();
    data.put("ca.crt", rootCa);
    data.putIfAbsent("namespace", Bytes.utf8(namespace));
    if (!data.containsKey("token")) {
      data.put("token", Bytes.utf8(token(secret, account)));
    }
    Map<String, String> annotations = new TreeMap<>(secret.metadata().annotations());
    annotations.put(UID, account.metadata().uid());
    Secret filled = secret.toBuilder().metadata(m -> m.annotations(annotations)).data(data).build();
    if (!filled.equals(secret)) {
      secretClient.update(filled);
    }
  }

  private String token(Secret secret, ServiceAccount account) {
    return accountClient
        .subresource(
            account.metadata().namespace(),
            account.metadata().name(),
            "token",
            TokenRequest.builder()
                .spec(
                    s ->
                        s.expirationSeconds(FOR_EVER)
                            .boundObjectRef(
                                BoundObjectReference.builder()
                                    .apiVersion("v1")
                                    .kind("Secret")
                                    .name(secret.metadata().name())
                                    .uid(secret.metadata().uid())
                                    .build()))
                .build(),
            TokenRequest.class)
        .status()
        .token();
  }

  @Override
  public void close() {
    controller.close();
  }
}
