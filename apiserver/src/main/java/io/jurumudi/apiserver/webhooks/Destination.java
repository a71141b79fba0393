package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.admissionregistration.v1.ServiceReference;
import io.jurumudi.api.admissionregistration.v1.WebhookClientConfig;
import io.jurumudi.api.util.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook is.
 *
 * @param at its URL or its service
 * @param caBundle PEM of the authorities that may vouch for it; empty: the machine's own
 */
public record Destination(At at, Bytes caBundle) {
  private static final int HTTPS = 443;

  /** One of two ways to say where. */
  public sealed interface At {
    /**
     * @param url https://host[:port]/path
     */
    record Url(String url) implements At {}

    /**
     * @param path begins with a slash, or is empty
     */
    record Service(String namespace, String name, String path, int port) implements At {}
  }

  /** Of an admission webhook. */
  public static Destination of(WebhookClientConfig config) {
    ServiceReference service = config.service();
    if (service != null) {
      return service(
          service.namespace(), service.name(), service.path(), service.port(), config.caBundle());
    }
    String url = config.url();
    return new Destination(new At.Url(url == null ? "" : url), config.caBundle());
  }

  /** Of a custom resource's conversion webhook. */
  public static Destination of(io.jurumudi.api.apiextensions.v1.WebhookClientConfig config) {
    var service = config.service();
    if (service != null) {
      return service(
          service.namespace(), service.name(), service.path(), service.port(), config.caBundle());
    }
    String url = config.url();
    return new Destination(new At.Url(url == null ? "" : url), config.caBundle());
  }

  private static Destination service(
      String namespace,
      String name,
      @Nullable String path,
      @Nullable Integer port,
      Bytes caBundle) {
    return new Destination(
        new At.Service(
            namespace, name, path == null ? "" : path, port == null || port == 0 ? HTTPS : port),
        caBundle);
  }
}
