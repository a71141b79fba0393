package io.jurumudi.kubelet.server;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One family of Prometheus' text format, written to {@code out}. One thread.
 *
 * @param type counter or gauge
 */
record MetricFamily(StringBuilder out, String name, String type, String help) {
  MetricFamily begin() {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /**
   * @param labels in braces; empty: none
   * @param at when it was measured; null: now
   */
  void add(String labels, double value, @Nullable Instant at) {
    out.append(name).append(labels).append(' ');
    out.append(
        value == Math.rint(value) && Math.abs(value) < 1e15
            ? Long.toString((long) value)
            : String.format(Locale.ROOT, "%.9f", value));
    if (at != null) {
      out.append(' ').append(at.toEpochMilli());
    }
    out.append('\n');
  }
}
