package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Event;
import io.jurumudi.api.core.v1.EventSource;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users what happened to an object, as Events. Recording never waits: events go to the server
 * from a task of their own, and when too many wait, the newest are dropped. An event that repeats
 * becomes a count on the first one.
 *
 * <p>The queue and the memory of recent events are guarded by this object's monitor.
 */
public final class EventRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final int MAX_QUEUED = 1000;
  private static final int MAX_REMEMBERED = 4096;

  private record Identity(ObjectReference involved, String type, String reason, String message) {}

  private record Occurrence(Identity identity, Instant time) {}

  private record Recorded(String namespace, String name, int count) {}

  private final Client client;
  private final String component;
  private final String host;
  private final InstantSource clock;
  private final Executor executor;

  @GuardedBy("this")
  private final Queue<Occurrence> queue = new ArrayDeque<>();

  @GuardedBy("this")
  private boolean sending;

  /** Used by the one sending task at a time. */
  private final Map<Identity, Recorded> recorded =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, Recorded> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /**
   * @param component who records, as in "kubelet"
   * @param host the node it runs on; may be empty
   * @param executor runs the sending: give virtual threads
   */
  public EventRecorder(
      Client client, String component, String host, InstantSource clock, Executor executor) {
    this.client = client;
    this.component = component;
    this.host = host;
    this.clock = clock;
    this.executor = executor;
  }

  /**
   * Records an event.
   *
   * @param type "Normal" or "Warning"
   * @param reason one word for programs, as in "Started"
   * @param message for people
   */
  public void event(KubernetesObject<?> involved, String type, String reason, String message) {
    GroupVersionKind kind = involved.schema().kind();
    ObjectMeta metadata = involved.metadata();
    event(
        ObjectReference.builder()
            .apiVersion(kind == null ? "" : kind.apiVersion())
            .kind(kind == null ? "" : kind.kind())
            .namespace(metadata.namespace())
            .name(metadata.name())
            .uid(metadata.uid())
            .resourceVersion(metadata.resourceVersion())
            .build(),
        type,
        reason,
        message);
  }

  /**
   * Records an event about a part of an object, as a container: the reference has a fieldPath then.
   */
  public void event(ObjectReference involved, String type, String reason, String message) {
    Occurrence occurrence =
        new Occurrence(new Identity(involved, type, reason, message), clock.instant());
    synchronized (this) {
      if (queue.size() >= MAX_QUEUED) {
        LOG.warn(
            "dropped event reason={} object={} queued={}", reason, involved.name(), MAX_QUEUED);
        return;
      }
      queue.add(occurrence);
      if (sending) {
        return;
      }
      sending = true;
    }
    try {
      executor.execute(this::send);
    } catch (RejectedExecutionException e) {
      // The component is closing: nobody sends any more, and nobody waits for it.
      LOG.debug("event not recorded reason={} object={}", reason, involved.name());
    }
  }

  private void send() {
    while (true) {
      Occurrence next;
      synchronized (this) {
        next = queue.poll();
        if (next == null) {
          sending = false;
          return;
        }
      }
      try {
        send(next);
      } catch (RuntimeException e) {
        LOG.warn(
            "event not recorded reason={} object={} error={}",
            next.identity.reason,
            next.identity.involved.name(),
            e.getMessage());
      }
    }
  }

  private void send(Occurrence occurrence) {
    // Two events are the same though the object changed between them.
    Identity identity =
        new Identity(
            occurrence.identity.involved.toBuilder().resourceVersion("").build(),
            occurrence.identity.type,
            occurrence.identity.reason,
            occurrence.identity.message);
    Instant time = occurrence.time.truncatedTo(ChronoUnit.SECONDS);
    Recorded before = recorded.get(identity);
    if (before != null) {
      int count = before.count + 1;
      byte[] patch =
          Trees.writeJson(Map.of("count", (long) count, "lastTimestamp", time.toString()));
      try {
        client
            .resource(Resources.EVENTS)
            .patch(before.namespace, before.name, PatchType.MERGE, patch, "");
        recorded.put(identity, new Recorded(before.namespace, before.name, count));
        return;
      } catch (ApiException e) {
        if (!e.isNotFound()) {
          throw e;
        }
        // It has expired on the server; this one is a first again.
      }
    }
    ObjectReference involved = occurrence.identity.involved;
    String namespace = involved.namespace().isEmpty() ? "default" : involved.namespace();
    long nanos = occurrence.time.getEpochSecond() * 1_000_000_000L + occurrence.time.getNano();
    String name = involved.name() + "." + Long.toHexString(nanos);
    Event event =
        Event.builder()
            .metadata(ObjectMeta.builder().namespace(namespace).name(name).build())
            .involvedObject(involved)
            .reason(identity.reason)
            .message(identity.message)
            .type(identity.type)
            .count(1)
            .firstTimestamp(time)
            .lastTimestamp(time)
            .source(EventSource.builder().component_(component).host(host).build())
            .reportingComponent(component)
            .reportingInstance(host)
            .build();
    client.resource(Resources.EVENTS).create(event);
    recorded.put(identity, new Recorded(namespace, name, 1));
  }
}
