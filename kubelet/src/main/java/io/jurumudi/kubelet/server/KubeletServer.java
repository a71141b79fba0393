package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodList;
import io.jurumudi.client.Client;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.http.ClientCertificateVerifier;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.HttpHandler;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.worker.PodWorkers;
import io.jurumudi.kubelet.worker.RuntimeIndex;
import io.jurumudi.kubelet.worker.StatusWriter;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes the requests to a kubelet. */
public final class KubeletServer implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(KubeletServer.class);

  private final PodLookup lookup;
  private final LogEndpoint logs;
  private final StreamEndpoint streams;
  private final StatsEndpoint stats;
  private final Access access;
  private final String nodeName;
  private final Map<String, Object> configuration;

  /**
   * @param authorities that sign the certificates of those who may ask
   * @param configuration what /configz shows
   */
  public KubeletServer(
      PodWorkers workers,
      RuntimeIndex index,
      StatusWriter statuses,
      RuntimeService runtime,
      PodDirectories directories,
      Client client,
      String nodeName,
      List<X509Certificate> authorities,
      Map<String, Object> configuration,
      Clock clock) {
    this.lookup = new PodLookup(workers, index, statuses);
    this.logs = new LogEndpoint(lookup, directories, clock);
    this.streams = new StreamEndpoint(lookup, runtime);
    this.stats = new StatsEndpoint(lookup, runtime, nodeName, directories.root(), clock);
    this.access =
        new Access(new ClientCertificateVerifier(authorities, clock), client, nodeName, clock);
    this.nodeName = nodeName;
    this.configuration = configuration;
  }

  @Override
  public void handle(HttpExchange exchange) {
    exchange.execute(
        () -> {
          try {
            serve(exchange);
          } catch (PodLookup.Missing e) {
            exchange.respondText(e.code(), String.valueOf(e.getMessage()));
          } catch (RuntimeServiceException e) {
            exchange.respondText(500, String.valueOf(e.getMessage()));
          } catch (IOException e) {
            LOG.debug("msg=\"client is gone\" path={} err=\"{}\"", exchange.path(), e.toString());
          }
        });
  }

  private void serve(HttpExchange exchange) throws IOException, PodLookup.Missing {
    String path = exchange.path();
    if (exchange.secure()) {
      Optional<Access.User> user = access.authenticate(exchange);
      if (user.isEmpty()) {
        exchange.respondText(401, "Unauthorized");
        return;
      }
      if (!access.allowed(user.get(), exchange.method(), path)) {
        exchange.respondText(
            403,
            "Forbidden (user="
                + user.get().name()
                + ", verb="
                + Access.verb(exchange.method())
                + ", resource=nodes, subresource(s)=["
                + Access.subresource(path)
                + "])");
        return;
      }
    }
    List<String> parts = new ArrayList<>();
    for (String part : path.substring(1).split("/", -1)) {
      parts.add(Query.decode(part));
    }
    switch (parts.getFirst()) {
      case "healthz" -> text(exchange, "ok");
      case "pods" -> pods(exchange, lookup.pods());
      case "runningpods" ->
          pods(
              exchange,
              lookup.pods().stream()
                  .filter(p -> lookup.runtime(p).readySandbox().isPresent())
                  .toList());
      case "containerLogs" -> logs(exchange, parts);
      case "exec" -> streams.exec(exchange, pod(parts, true), parts.getLast());
      case "attach" -> streams.attach(exchange, pod(parts, true), parts.getLast());
      case "run" -> streams.run(exchange, pod(parts, true), parts.getLast());
      case "portForward" -> streams.portForward(exchange, pod(parts, false));
      case "stats" -> stats(exchange, parts);
      case "metrics" -> metrics(exchange, parts);
      case "configz" -> json(exchange, Trees.writeJson(Map.of("kubeletconfig", configuration)));
      default -> exchange.respondText(404, "404 page not found");
    }
  }

  /** NAMESPACE/POD[/UID][/CONTAINER] after the first part. */
  private Pod pod(List<String> parts, boolean container) throws PodLookup.Missing {
    int least = container ? 4 : 3;
    if (parts.size() < least || parts.size() > least + 1) {
      throw new PodLookup.Missing(404, "404 page not found");
    }
    String uid = parts.size() > least ? parts.get(3) : "";
    return lookup.pod(parts.get(1), parts.get(2), uid);
  }

  private void logs(HttpExchange exchange, List<String> parts)
      throws PodLookup.Missing, IOException {
    if (parts.size() != 4) {
      throw new PodLookup.Missing(404, "404 page not found");
    }
    logs.serve(exchange, parts.get(1), parts.get(2), parts.get(3));
  }

  private void stats(HttpExchange exchange, List<String> parts)
      throws IOException, PodLookup.Missing {
    if (parts.size() < 2 || !parts.get(1).equals("summary")) {
      throw new PodLookup.Missing(404, "404 page not found");
    }
    json(exchange, stats.summary());
  }

  private void metrics(HttpExchange exchange, List<String> parts)
      throws IOException, PodLookup.Missing {
    String what = parts.size() > 1 ? parts.get(1) : "";
    String body =
        switch (what) {
          case "" -> stats.metrics();
          case "cadvisor" -> stats.cadvisorMetrics();
          case "resource" -> stats.resourceMetrics();
          default -> throw new PodLookup.Missing(404, "404 page not found");
        };
    exchange.respond(
        200,
        Headers.of("Content-Type", "text/plain; version=0.0.4; charset=utf-8"),
        body.getBytes(StandardCharsets.UTF_8));
  }

  private static void pods(HttpExchange exchange, List<Pod> pods) {
    json(exchange, Json.write(PodList.builder().items(pods).build()));
  }

  private static void json(HttpExchange exchange, byte[] body) {
    exchange.respond(200, Headers.of("Content-Type", "application/json"), body);
  }

  private static void text(HttpExchange exchange, String text) {
    exchange.respond(
        200,
        Headers.of("Content-Type", "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "kubelet server of " + nodeName;
  }
}
