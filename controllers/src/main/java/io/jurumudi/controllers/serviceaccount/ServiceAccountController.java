package io.jurumudi.controllers.serviceaccount;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.ServiceAccount;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.util.Map;
import java.util.Optional;

/**
 * Gives every namespace its ServiceAccount {@code default} and the ConfigMap {@code
 * kube-root-ca.crt}, by which pods know the API server. Upstream has a controller for each.
 */
public final class ServiceAccountController implements AutoCloseable {
  static final String DEFAULT = "default";
  static final String ROOT_CA = "kube-root-ca.crt";

  /** Why the ConfigMap is there, for those who find it; upstream says the same in as many words. */
  private static final Map<String, String> ROOT_CA_ANNOTATIONS =
      Map.of(
          "kubernetes.io/description",
          "Contains a CA bundle that can be used to verify the kube-apiserver when using internal"
              + " endpoints such as the internal service IP or kubernetes.default.svc. No other"
              + " usage is guaranteed across distributions of Kubernetes clusters.");

  private final Client client;
  private final Map<String, String> rootCa;
  private final Informer<Namespace> namespaces;
  private final Informer<ServiceAccount> accounts;
  private final Informer<ConfigMap> configMaps;
  private final Controller<String> controller;

  /**
   * @param rootCaPem the certificates that the API server's certificate can be checked with
   */
  public ServiceAccountController(ControllerContext context, String rootCaPem) {
    client = context.client();
    rootCa = Map.of("ca.crt", rootCaPem);
    namespaces = context.informers().informer(Resources.NAMESPACES);
    accounts = context.informers().informer(Resources.SERVICEACCOUNTS);
    configMaps = context.informers().informer(Resources.CONFIGMAPS);
    controller = new Controller<>("serviceaccount", this::reconcile, 2, context.clock());
    namespaces.addHandler(EventHandler.of(n -> controller.enqueue(n.metadata().name())));
    accounts.addHandler(
        EventHandler.ofDelete(account -> controller.enqueue(account.metadata().namespace())));
    configMaps.addHandler(
        EventHandler.of(
            map -> {
              if (map.metadata().name().equals(ROOT_CA)) {
                controller.enqueue(map.metadata().namespace());
              }
            }));
  }

  public void start() {
    controller.start(namespaces, accounts, configMaps);
  }

  private Result reconcile(String namespace) {
    Optional<Namespace> found = namespaces.get("", namespace);
    if (found.isEmpty() || !found.get().status().phase().equals("Active")) {
      return Result.done();
    }
    if (accounts.get(namespace, DEFAULT).isEmpty()) {
      tolerating(
          () ->
              client
                  .resource(Resources.SERVICEACCOUNTS)
                  .create(
                      ServiceAccount.builder()
                          .metadata(m -> m.namespace(namespace).name(DEFAULT))
                          .build()));
    }
    Optional<ConfigMap> map = configMaps.get(namespace, ROOT_CA);
    if (map.isEmpty()) {
      tolerating(
          () ->
              client
                  .resource(Resources.CONFIGMAPS)
                  .create(
                      ConfigMap.builder()
                          .metadata(
                              m ->
                                  m.namespace(namespace)
                                      .name(ROOT_CA)
                                      .annotations(ROOT_CA_ANNOTATIONS))
                          .data(rootCa)
                          .build()));
    } else if (!map.get().data().equals(rootCa)) {
      tolerating(
          () ->
              client
                  .resource(Resources.CONFIGMAPS)
                  .update(map.get().toBuilder().data(rootCa).build()));
    }
    return Result.done();
  }

  /** It is there already, or the namespace is on its way out. */
  private static void tolerating(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (e.code() != 409 && e.code() != 404 && e.code() != 403) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
