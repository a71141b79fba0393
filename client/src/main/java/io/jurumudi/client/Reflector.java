package io.jurumudi.client;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a cache like the server's objects: lists them once, then watches from there. A watch that
 * ends is resumed where it stopped, which bookmarks keep recent; only when the server has forgotten
 * that version are the objects listed anew. Errors are tried again after a pause that grows.
 *
 * <p>{@link #run} does the work on its thread until {@link #close}; the version is changed by that
 * thread and the watch's, which never run at the same time.
 */
final class Reflector<T extends KubernetesObject<T>> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Reflector.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final int PAGE = 500;

  private final Client client;
  private final ResourceType<T> type;
  private final String namespace;
  private final ListOptions options;
  private final ObjectCache<T> cache = new ObjectCache<>();
  private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
  private volatile String version = "";

  Reflector(Client client, ResourceType<T> type, String namespace, ListOptions options) {
    this.client = client;
    this.type = type;
    this.namespace = namespace;
    this.options = options;
  }

  ObjectCache<T> cache() {
    return cache;
  }

  void close() {
    closed.complete(true);
  }

  @Override
  public void run() {
    Duration pause = FIRST_PAUSE;
    while (!closed.isDone()) {
      try {
        if (version.isEmpty()) {
          list();
        }
        long begun = System.nanoTime();
        ApiException error = watch();
        if (error == null) {
          // A server that ends every watch at once must not be asked without a pause.
          boolean lasted = System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(1);
          pause = lasted ? FIRST_PAUSE : pause(pause);
          continue;
        }
        if (error.isExpired()) {
          version = "";
          continue;
        }
        throw error;
      } catch (ApiException e) {
        if (closed.isDone()) {
          return;
        }
        LOG.info("resource={} retry={} error={}", type, pause, e.getMessage());
        pause = pause(pause);
      } catch (RuntimeException e) {
        if (closed.isDone()) {
          return;
        }
        LOG.error("resource={} retry={} error={}", type, pause, e.toString(), e);
        version = "";
        pause = pause(pause);
      }
    }
  }

  private void list() {
    Resource<T> resource = client.resource(type);
    List<T> all = new ArrayList<>();
    String token = "";
    String listed;
    do {
      ObjectList<T> page = resource.list(namespace, options.withLimit(PAGE, token));
      all.addAll(page.items());
      listed = page.resourceVersion();
      token = page.metadata().continue_();
    } while (!token.isEmpty());
    cache.replace(all, listed);
    version = listed;
  }

  /** Watches until the watch ends; returns the error that ended it. */
  private @Nullable ApiException watch() {
    int seconds = ThreadLocalRandom.current().nextInt(300, 600);
    ApiRequest request =
        ApiRequest.of("watch", type, namespace, "")
            .withQuery(options.query())
            .withQuery("resourceVersion", version)
            .withQuery("allowWatchBookmarks", "true")
            .withQuery("timeoutSeconds", Integer.toString(seconds));
    CompletableFuture<AtomicReference<@Nullable ApiException>> ended = new CompletableFuture<>();
    AtomicReference<@Nullable ApiException> reported = new AtomicReference<>();
    Transport.WatchSink sink =
        new Transport.WatchSink() {
          @Override
          public void event(WatchEvent<?> event) {
            if (event.type() == WatchEvent.Type.ERROR) {
              reported.set(
                  event.object() instanceof Status status
                      ? new ApiException(status)
                      : ApiException.internalError("the watch failed: " + event.object()));
            } else if (!ended.isDone()) {
              take(event);
            }
          }

          @Override
          public void closed(@Nullable ApiException error) {
            reported.compareAndSet(null, error);
            ended.complete(reported);
          }
        };
    try (Transport.Watch _ = client.transport().watch(request, sink)) {
      CompletableFuture.anyOf(ended, closed).get(seconds + 60L, TimeUnit.SECONDS);
      return ended.isDone() ? ended.join().get() : null;
    } catch (TimeoutException e) {
      // The server should have ended it: the connection must be dead.
      ended.complete(reported);
      return ApiException.timeout("a watch of " + type + " outlived its time", 1);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      return null;
    }
  }

  private void take(WatchEvent<?> event) {
    T object = object(event.object());
    switch (event.type()) {
      case ADDED, MODIFIED -> cache.put(object);
      case DELETED -> cache.delete(object);
      case BOOKMARK -> cache.advance(object.metadata().resourceVersion());
      case ERROR -> {}
    }
    version = object.metadata().resourceVersion();
  }

  private T object(Object object) {
    return Resource.received(object, type)
        .orElseThrow(
            () -> new IllegalStateException("watching " + type + ", the server sent " + object));
  }

  /** Waits, unless closed meanwhile; returns how long to wait the next time. */
  private Duration pause(Duration pause) {
    try {
      long millis = pause.toMillis();
      closed.get(millis + ThreadLocalRandom.current().nextLong(millis), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // The pause is over.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }
}
