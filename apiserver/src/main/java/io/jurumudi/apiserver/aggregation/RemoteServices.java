package io.jurumudi.apiserver.aggregation;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apiregistration.v1.APIService;
import io.jurumudi.api.apiregistration.v1.APIServiceCondition;
import io.jurumudi.api.apiregistration.v1.ServiceReference;
import io.jurumudi.api.meta.GroupVersion;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.discovery.RemoteVersion;
import io.jurumudi.apiserver.front.RemoteGroups;
import io.jurumudi.apiserver.proxy.HttpProxy;
import io.jurumudi.apiserver.webhooks.ServiceResolver;
import io.jurumudi.apiserver.webhooks.WebhookClient;
import io.jurumudi.apiserver.webhooks.WebhookException;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.client.ClientTls;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.Target;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The group versions that other servers answer for: sends requests on to them, and looks whether
 * they answer. Follows the API services; its maps are concurrent ones that only the follower and
 * the checks write.
 */
public final class RemoteServices
    implements RemoteGroups, ObjectSource.Listener<APIService>, AutoCloseable {
  private static final int HTTPS = 443;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Between looks at a server that does not answer, and at one that does. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final Duration LATER = Duration.ofSeconds(30);

  private final ServiceResolver services;
  private final @Nullable FrontProxy proxy;
  private final StatusWriter status;
  private final Executor executor;
  private final ScheduledExecutorService timer;
  private final Map<GroupVersion, Remote> remotes = new ConcurrentHashMap<>();
  private final Map<GroupVersion, RemoteVersion> found = new ConcurrentHashMap<>();
  private final ObjectSource.Following following;
  private volatile boolean closed;

  /** Writes what a look at an API service found. */
  @FunctionalInterface
  public interface StatusWriter {
    void write(String name, APIServiceCondition available);
  }

  /** A service, and how to speak to it. */
  private record Remote(APIService api, ServiceReference service, SSLContext tls) {
    Target target(ServiceResolver services) throws WebhookException {
      Integer given = service.port();
      int port = given == null || given == 0 ? HTTPS : given;
      String host = service.name() + "." + service.namespace() + ".svc";
      boolean verify = !api.spec().insecureSkipTLSVerify();
      return new Target(
          host,
          port,
          services.resolve(service.namespace(), service.name(), port),
          tls,
          verify,
          CONNECT_TIMEOUT);
    }
  }

  /**
   * @param proxy null: the servers are not shown who this one is
   */
  @SuppressWarnings("this-escape") // Following begins when all fields are set.
  public RemoteServices(
      ObjectSource objects,
      ServiceResolver services,
      @Nullable FrontProxy proxy,
      StatusWriter status,
      Executor executor,
      ScheduledExecutorService timer) {
    this.services = services;
    this.proxy = proxy;
    this.status = status;
    this.executor = executor;
    this.timer = timer;
    this.following = objects.follow(Resources.APISERVICES, this);
  }

  @Override
  public void stored(APIService api) {
    ServiceReference service = api.spec().service();
    GroupVersion version = new GroupVersion(api.spec().group(), api.spec().version());
    if (service == null) {
      forget(version);
      return;
    }
    Remote before = remotes.get(version);
    if (before != null && before.api().spec().equals(api.spec())) {
      return;
    }
    try {
      Remote remote = new Remote(api, service, tls(api));
      remotes.put(version, remote);
      executor.execute(() -> look(version, remote));
    } catch (WebhookException e) {
      forget(version);
      executor.execute(
          () ->
              status.write(
                  api.metadata().name(),
                  unavailable("FailedDiscoveryCheck", String.valueOf(e.getMessage()))));
    }
  }

  @Override
  public void deleted(APIService api) {
    forget(new GroupVersion(api.spec().group(), api.spec().version()));
  }

  private void forget(GroupVersion version) {
    remotes.remove(version);
    found.remove(version);
  }

  private SSLContext tls(APIService api) throws WebhookException {
    var key = proxy == null ? null : proxy.key();
    return api.spec().insecureSkipTLSVerify()
        ? ClientTls.trustingAll(key)
        : ClientTls.trusting(WebhookClient.certificates(api.spec().caBundle()), key);
  }

  private static @Nullable GroupVersion version(String path) {
    String[] parts = path.split("/", 5);
    return parts.length >= 4 && parts[0].isEmpty() && parts[1].equals("apis")
        ? new GroupVersion(parts[2], parts[3])
        : null;
  }

  @Override
  public boolean handles(String path) {
    if (remotes.isEmpty()) {
      return false;
    }
    GroupVersion version = version(path);
    return version != null && remotes.containsKey(version);
  }

  @Override
  public void handle(HttpExchange exchange, UserInfo user) throws IOException {
    GroupVersion version = version(exchange.path());
    Remote remote = version == null ? null : remotes.get(version);
    if (remote == null) {
      throw ApiException.noSuchPath();
    }
    Target target;
    try {
      target = remote.target(services);
    } catch (WebhookException e) {
      throw ApiException.serviceUnavailable("service unavailable");
    }
    String query = exchange.rawQuery().isEmpty() ? "" : "?" + exchange.rawQuery();
    HttpProxy.forward(exchange, target, exchange.path() + query, "", identity(user));
  }

  /** The headers that say who asks. */
  private static Headers identity(UserInfo user) {
    Headers headers = new Headers();
    headers.add("X-Remote-User", user.name());
    if (!user.uid().isEmpty()) {
      headers.add("X-Remote-Uid", user.uid());
    }
    user.groups().forEach(group -> headers.add("X-Remote-Group", group));
    user.extra()
        .forEach(
            (key, values) -> {
              String name = "X-Remote-Extra-" + URLEncoder.encode(key, StandardCharsets.UTF_8);
              values.forEach(value -> headers.add(name, value));
            });
    return headers;
  }

  /** What other servers serve at present. */
  public List<RemoteVersion> versions() {
    return found.isEmpty() ? List.of() : List.copyOf(found.values());
  }

  private void look(GroupVersion version, Remote remote) {
    if (closed || !remote.equals(remotes.get(version))) {
      return;
    }
    APIServiceCondition available = check(version, remote);
    if (remote.equals(remotes.get(version)) && !closed) {
      status.write(remote.api().metadata().name(), available);
      Duration pause = available.status().equals("True") ? LATER : SOON;
      ScheduledFuture<?> unused =
          timer.schedule(
              () -> executor.execute(() -> look(version, remote)),
              pause.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  private APIServiceCondition check(GroupVersion version, Remote remote) {
    Target target;
    try {
      target = remote.target(services);
    } catch (WebhookException e) {
      String why = String.valueOf(e.getMessage());
      var service = remote.api().spec().service();
      return why.endsWith("not found") && service != null
          ? unavailable(
              "ServiceNotFound",
              "service/%s in \"%s\" is not present".formatted(service.name(), service.namespace()))
          : unavailable("MissingEndpoints", why);
    }
    String path = "/apis/" + version.group() + "/" + version.version();
    try {
      HttpConnection connection = HttpConnection.open(target);
      var alarm =
          timer.schedule(connection::close, CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      try {
        Headers headers = identity(new UserInfo("system:kube-aggregator", UserInfo.MASTERS));
        headers.set("Accept", "application/json");
        HttpConnection.Response response = connection.send("GET", path, headers, null);
        byte[] body = response.body().readAllBytes();
        if (response.status() != 200) {
          throw new IOException("bad status from " + path + ": " + response.status());
        }
        List<Map<String, @Nullable Object>> resources = new ArrayList<>();
        for (Object one : Trees.list(Trees.map(Trees.parseJson(body)).get("resources"))) {
          resources.add(Trees.map(one));
        }
        found.put(version, new RemoteVersion(version, List.copyOf(resources)));
      } finally {
        alarm.cancel(false);
        connection.close();
      }
    } catch (IOException | RuntimeException e) {
      return unavailable(
          "FailedDiscoveryCheck",
          "failing or missing response from https://"
              + target.authority()
              + path
              + ": "
              + e.getMessage());
    }
    return APIServiceCondition.builder()
        .type("Available")
        .status("True")
        .reason("Passed")
        .message("all checks passed")
        .build();
  }

  private static APIServiceCondition unavailable(String reason, String message) {
    return APIServiceCondition.builder()
        .type("Available")
        .status("False")
        .reason(reason)
        .message(message)
        .build();
  }

  @Override
  public void close() {
    closed = true;
    following.close();
  }
}
