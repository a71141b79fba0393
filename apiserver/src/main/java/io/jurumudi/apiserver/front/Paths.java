package io.jurumudi.apiserver.front;

import io.jurumudi.http.HttpExchange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The paths of the server that are no resources. Put together at the start, then only read. */
public final class Paths {
  private final Map<String, PathHandler> exact = new TreeMap<>();
  private final Map<String, PathHandler> below = new TreeMap<>();
  private final Set<String> open = new HashSet<>();
  private final List<Supplier<? extends Collection<String>>> changing = new ArrayList<>();

  /** The path and the same with a slash at its end. */
  public Paths at(String path, PathHandler handler) {
    exact.put(path, handler);
    return this;
  }

  /** Every path that begins so; the prefix ends with a slash. */
  public Paths below(String prefix, PathHandler handler) {
    below.put(prefix, handler);
    return this;
  }

  /** A path that is answered without asking who it is. */
  public Paths open(String path, PathHandler handler) {
    open.add(path);
    return at(path, handler);
  }

  boolean isOpen(String path) {
    return open.contains(path);
  }

  /** Paths that come and go, answered by a handler for all that is below some prefix. */
  public Paths listed(Supplier<? extends Collection<String>> paths) {
    changing.add(paths);
    return this;
  }

  /** All exact paths, and those listed at present; sorted. */
  public Set<String> all() {
    Set<String> all = new TreeSet<>(exact.keySet());
    changing.forEach(paths -> all.addAll(paths.get()));
    return all;
  }

  /** False when nothing is there. */
  boolean handle(HttpExchange exchange, String path) throws Exception {
    PathHandler handler = find(path);
    if (handler == null) {
      return false;
    }
    handler.handle(exchange);
    return true;
  }

  private @Nullable PathHandler find(String path) {
    PathHandler handler = exact.get(path);
    if (handler == null && path.length() > 1 && path.endsWith("/")) {
      handler = exact.get(path.substring(0, path.length() - 1));
    }
    if (handler != null) {
      return handler;
    }
    PathHandler longest = null;
    for (var e : below.entrySet()) {
      if (path.startsWith(e.getKey())) {
        longest = e.getValue(); // In the order of their letters a longer prefix comes later.
      }
    }
    return longest;
  }
}
