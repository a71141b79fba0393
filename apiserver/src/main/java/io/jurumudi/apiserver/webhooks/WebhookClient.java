package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.util.Bytes;
import io.jurumudi.http.Headers;
import io.jurumudi.http.client.ClientTls;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.IdleConnections;
import io.jurumudi.http.client.Target;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks webhooks: a POST of JSON over HTTPS, the whole of it within a time. Blocks: for virtual
 * threads. A connection serves many questions. Thread-safe; the TLS contexts kept for authorities
 * are guarded by this object's lock.
 */
public final class WebhookClient implements AutoCloseable {
  /** In bytes; a longer answer is refused. */
  private static final int MAX_ANSWER = 8 << 20;

  /** As many sets of authorities are kept ready. */
  private static final int MAX_CONTEXTS = 128;

  private final ServiceResolver services;
  private final ScheduledExecutorService timer;
  private final IdleConnections idle;
  private final Map<Bytes, SSLContext> contexts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, SSLContext> eldest) {
          return size() > MAX_CONTEXTS;
        }
      };

  /**
   * @param timer breaks off what takes too long
   */
  public WebhookClient(ServiceResolver services, ScheduledExecutorService timer) {
    this.services = services;
    this.timer = timer;
    this.idle = new IdleConnections(timer);
  }

  @Override
  public void close() {
    idle.close();
  }

  /** What to connect to, and what to ask for there. */
  private record Place(Target target, String path, String url) {}

  /**
   * The body of a webhook's answer.
   *
   * @param timeout for all of it, told to the webhook in whole seconds
   * @throws WebhookException when it cannot be reached, does not answer in time, or answers other
   *     than with 200
   */
  public byte[] post(Destination destination, byte[] json, Duration timeout)
      throws WebhookException {
    Place place = place(destination, timeout);
    AtomicBoolean late = new AtomicBoolean();
    AtomicReference<@Nullable HttpConnection> used = new AtomicReference<>();
    ScheduledFuture<?> alarm =
        timer.schedule(
            () -> {
              late.set(true);
              HttpConnection connection = used.get();
              if (connection != null) {
                connection.close();
              }
            },
            timeout.toNanos(),
            TimeUnit.NANOSECONDS);
    try {
      return exchange(place, json, used, late);
    } catch (IOException e) {
      String why = late.get() ? "context deadline exceeded" : String.valueOf(e.getMessage());
      throw new WebhookException("Post \"" + place.url() + "\": " + why, e);
    } finally {
      alarm.cancel(false);
    }
  }

  /**
   * A server may end a connection that waits, just when it is asked again: then it is asked over a
   * new one. Webhooks are to bear being asked twice.
   *
   * @param used the connection that is to be closed when the time is up
   */
  private byte[] exchange(
      Place place, byte[] json, AtomicReference<@Nullable HttpConnection> used, AtomicBoolean late)
      throws IOException, WebhookException {
    Optional<HttpConnection> waiting = idle.take(place.target());
    while (true) {
      HttpConnection connection =
          waiting.isPresent() ? waiting.get() : HttpConnection.open(place.target());
      used.set(connection);
      if (late.get()) {
        connection.close();
      }
      boolean keep = false;
      boolean answered = false;
      try {
        HttpConnection.Response response =
            connection.send(
                "POST", place.path(), headers(json.length), new ByteArrayInputStream(json));
        answered = true;
        byte[] body;
        try (InputStream in = response.body()) {
          body = in.readNBytes(MAX_ANSWER + 1);
        }
        if (body.length > MAX_ANSWER) {
          throw new WebhookException("the answer is longer than " + MAX_ANSWER + " bytes");
        }
        keep = response.keepsConnection();
        if (response.status() < 200 || response.status() > 299) {
          throw new WebhookException(
              "the server responded with the status code "
                  + response.status()
                  + ": "
                  + new String(body, 0, Math.min(body.length, 256), StandardCharsets.UTF_8)
                      .strip());
        }
        return body;
      } catch (IOException e) {
        if (answered || waiting.isEmpty() || late.get()) {
          throw e;
        }
        waiting = Optional.empty();
      } finally {
        used.set(null);
        if (keep) {
          idle.put(connection);
        } else {
          connection.close();
        }
      }
    }
  }

  private static Headers headers(int length) {
    Headers headers = new Headers();
    headers.set("Content-Type", "application/json");
    headers.set("Accept", "application/json, */*");
    headers.set("User-Agent", "kube-apiserver-admission");
    headers.set("Content-Length", Integer.toString(length));
    headers.set("Connection", "keep-alive");
    return headers;
  }

  private Place place(Destination destination, Duration timeout) throws WebhookException {
    String limit = "timeout=" + Math.max(1, (timeout.toMillis() + 999) / 1000) + "s";
    SSLContext tls = tls(destination.caBundle());
    return switch (destination.at()) {
      case Destination.At.Url(String url) -> {
        URI uri;
        try {
          uri = new URI(url);
        } catch (URISyntaxException e) {
          throw new WebhookException("Unparsable URL: " + e.getMessage(), e);
        }
        if (uri.getHost() == null || !"https".equals(uri.getScheme())) {
          throw new WebhookException(
              "the URL \"" + url + "\" must be of the form https://host/path");
        }
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        int port = uri.getPort() < 0 ? 443 : uri.getPort();
        String path = (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + "?" + limit;
        yield new Place(
            new Target(host, port, null, tls, true, timeout),
            path,
            "https://" + uri.getRawAuthority() + path);
      }
      case Destination.At.Service service -> {
        String host = service.name() + "." + service.namespace() + ".svc";
        String path = (service.path().isEmpty() ? "/" : service.path()) + "?" + limit;
        String url = "https://" + host + ":" + service.port() + path;
        InetSocketAddress address;
        try {
          address = services.resolve(service.namespace(), service.name(), service.port());
        } catch (WebhookException e) {
          throw new WebhookException("Post \"" + url + "\": " + e.getMessage(), e);
        }
        yield new Place(new Target(host, service.port(), address, tls, true, timeout), path, url);
      }
    };
  }

  private synchronized SSLContext tls(Bytes caBundle) throws WebhookException {
    SSLContext known = contexts.get(caBundle);
    if (known == null) {
      known = context(caBundle);
      contexts.put(caBundle, known);
    }
    return known;
  }

  private static SSLContext context(Bytes caBundle) throws WebhookException {
    try {
      return caBundle.isEmpty()
          ? SSLContext.getDefault()
          : ClientTls.trusting(certificates(caBundle), null);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The certificates of a bundle.
   *
   * @throws WebhookException when it holds none
   */
  public static List<X509Certificate> certificates(Bytes pem) throws WebhookException {
    try {
      List<X509Certificate> all = new ArrayList<>();
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem.toArray()))) {
        all.add((X509Certificate) certificate);
      }
      if (all.isEmpty()) {
        throw new WebhookException("unable to load root certificates: no certificate in caBundle");
      }
      return all;
    } catch (CertificateException e) {
      throw new WebhookException("unable to load root certificates: " + e.getMessage(), e);
    }
  }
}
