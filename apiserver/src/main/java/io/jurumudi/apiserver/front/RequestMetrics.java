package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.request.RequestInfo;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts requests for resources and their times, under upstream's names, in Prometheus' text
 * format. Thread-safe; what is counted by is bounded by what is served.
 */
public final class RequestMetrics {
  /** Upper bounds of the buckets of durations, in seconds. */
  private static final double[] BOUNDS = {
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30,
    45, 60
  };

  private static final double NANOS = 1e9;

  private final Map<String, LongAdder> totals = new ConcurrentHashMap<>();
  private final Map<String, Durations> durations = new ConcurrentHashMap<>();

  private static final class Durations {
    private final LongAdder[] buckets = new LongAdder[BOUNDS.length];
    private final LongAdder count = new LongAdder();
    private final LongAdder sumNanos = new LongAdder();

    Durations() {
      for (int i = 0; i < buckets.length; i++) {
        buckets[i] = new LongAdder();
      }
    }

    void add(long nanos) {
      count.increment();
      sumNanos.add(nanos);
      for (int i = 0; i < BOUNDS.length; i++) {
        if (nanos / NANOS <= BOUNDS[i]) {
          buckets[i].increment();
        }
      }
    }
  }

  /** A request was answered. Watches count when they begin, and their time does not. */
  void answered(RequestInfo request, int code, long nanos) {
    String labels = labels(request);
    totals.computeIfAbsent("code=\"" + code + "\"," + labels, l -> new LongAdder()).increment();
    if (!request.verb().equals("watch")) {
      durations.computeIfAbsent(labels, l -> new Durations()).add(nanos);
    }
  }

  private static String labels(RequestInfo r) {
    String verb =
        switch (r.verb()) {
          case "create" -> "POST";
          case "update" -> "PUT";
          default -> r.verb().toUpperCase(Locale.ROOT);
        };
    String scope =
        !r.name().isEmpty() ? "resource" : r.namespace().isEmpty() ? "cluster" : "namespace";
    return "component=\"apiserver\",dry_run=\"\",group=\""
        + r.group()
        + "\",resource=\""
        + r.resource()
        + "\",scope=\""
        + scope
        + "\",subresource=\""
        + r.subresource()
        + "\",verb=\""
        + verb
        + "\",version=\""
        + r.version()
        + "\"";
  }

  /** Everything, in text format 0.0.4. */
  public String text() {
    StringBuilder out = new StringBuilder();
    out.append("# HELP apiserver_request_total Requests for resources by what they asked for.\n");
    out.append("# TYPE apiserver_request_total counter\n");
    new TreeMap<>(totals)
        .forEach(
            (labels, count) ->
                line(out, "apiserver_request_total", labels, Long.toString(count.sum())));
    String name = "apiserver_request_duration_seconds";
    out.append("# HELP ").append(name).append(" Time from the request's head to its answer.\n");
    out.append("# TYPE ").append(name).append(" histogram\n");
    new TreeMap<>(durations)
        .forEach(
            (labels, d) -> {
              for (int i = 0; i < BOUNDS.length; i++) {
                line(
                    out,
                    name + "_bucket",
                    labels + ",le=\"" + BOUNDS[i] + "\"",
                    Long.toString(d.buckets[i].sum()));
              }
              String count = Long.toString(d.count.sum());
              line(out, name + "_bucket", labels + ",le=\"+Inf\"", count);
              line(out, name + "_sum", labels, Double.toString(d.sumNanos.sum() / NANOS));
              line(out, name + "_count", labels, count);
            });
    return out.toString();
  }

  private static void line(StringBuilder out, String name, String labels, String value) {
    out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }
}
