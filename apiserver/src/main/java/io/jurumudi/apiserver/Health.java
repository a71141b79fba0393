package io.jurumudi.apiserver;

import io.jurumudi.apiserver.front.Paths;
import io.jurumudi.apiserver.front.Responses;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.http.HttpExchange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Tells whether the server is well: /healthz, /livez and /readyz, each check also by itself. */
final class Health {
  private final Map<String, BooleanSupplier> live = new LinkedHashMap<>();
  private final Map<String, BooleanSupplier> ready = new LinkedHashMap<>();

  Health live(String name, BooleanSupplier check) {
    live.put(name, check);
    ready.put(name, check);
    return this;
  }

  Health ready(String name, BooleanSupplier check) {
    ready.put(name, check);
    return this;
  }

  void addTo(Paths paths) {
    add(paths, "healthz", live);
    add(paths, "livez", live);
    add(paths, "readyz", ready);
  }

  private static void add(Paths paths, String name, Map<String, BooleanSupplier> checks) {
    paths.at("/" + name, exchange -> all(exchange, name, checks));
    checks.forEach(
        (check, is) ->
            paths.at(
                "/" + name + "/" + check,
                exchange -> {
                  boolean well = is.getAsBoolean();
                  Responses.text(exchange, well ? 200 : 500, well ? "ok" : "not ok");
                }));
  }

  private static void all(HttpExchange exchange, String name, Map<String, BooleanSupplier> checks) {
    Query query = Query.parse(exchange.rawQuery());
    StringBuilder report = new StringBuilder();
    boolean well = true;
    for (var e : checks.entrySet()) {
      if (query.all("exclude").contains(e.getKey())) {
        report.append("[+]").append(e.getKey()).append(" excluded: ok\n");
        continue;
      }
      boolean ok = e.getValue().getAsBoolean();
      well &= ok;
      report
          .append(ok ? "[+]" : "[-]")
          .append(e.getKey())
          .append(ok ? " ok\n" : " failed: reason withheld\n");
    }
    report.append(name).append(" check ").append(well ? "passed\n" : "failed\n");
    if (well && !query.has("verbose")) {
      Responses.text(exchange, 200, "ok");
    } else {
      Responses.text(exchange, well ? 200 : 500, report.toString());
    }
  }
}
