package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.ResponseStream;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.log.LogOptions;
import io.jurumudi.kubelet.log.LogReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.concurrent.atomic.AtomicBoolean;

/** GET /containerLogs/NAMESPACE/POD/CONTAINER. */
record LogEndpoint(PodLookup lookup, PodDirectories directories, Clock clock) {
  /** Blocks until the log has been sent. */
  void serve(HttpExchange exchange, String namespace, String name, String container)
      throws PodLookup.Missing, IOException {
    Query query = Query.parse(exchange.rawQuery());
    LogOptions options;
    try {
      options = options(query);
    } catch (IllegalArgumentException e) {
      exchange.respondText(422, String.valueOf(e.getMessage()));
      return;
    }
    Pod pod = lookup.pod(namespace, name, "");
    PodLookup.Logged run = lookup.logged(pod, container, query.is("previous"));
    Path log = directories.podLogs(pod).resolve(run.path());
    if (!Files.exists(log)) {
      throw new PodLookup.Missing(
          404, "the log of container \"" + container + "\" is not there: " + log);
    }
    AtomicBoolean gone = new AtomicBoolean();
    String id = run.containerId();
    try (ResponseStream stream = exchange.stream(200, Headers.of("Content-Type", "text/plain"))) {
      stream.onClose(() -> gone.set(true));
      OutputStream out = new BufferedOutputStream(stream.out(), 32 * 1024);
      LogReader.read(log, options, () -> !gone.get() && running(pod, id), out);
    }
  }

  private boolean running(Pod pod, String id) {
    return lookup.runtime(pod).containers().stream()
        .anyMatch(r -> r.id().equals(id) && r.running());
  }

  private LogOptions options(Query query) {
    Instant since = null;
    var seconds = query.number("sinceSeconds");
    if (seconds.isPresent()) {
      since = clock.instant().minusSeconds(seconds.get());
    } else if (query.first("sinceTime").isPresent()) {
      try {
        since = OffsetDateTime.parse(query.first("sinceTime").get()).toInstant();
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException("sinceTime: " + e.getMessage(), e);
      }
    }
    long tail = query.number("tailLines").orElse(-1L);
    long limit = query.number("limitBytes").orElse(-1L);
    if (tail < -1 || limit == 0 || limit < -1) {
      throw new IllegalArgumentException("tailLines and limitBytes must not be negative");
    }
    String stream =
        switch (query.first("stream").orElse("All")) {
          case "Stdout" -> "stdout";
          case "Stderr" -> "stderr";
          default -> "";
        };
    return new LogOptions(query.is("follow"), tail, since, query.is("timestamps"), limit, stream);
  }
}
