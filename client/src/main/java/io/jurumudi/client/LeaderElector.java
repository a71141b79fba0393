package io.jurumudi.client;

import io.jurumudi.api.Resources;
import io.jurumudi.api.coordination.v1.Lease;
import io.jurumudi.api.coordination.v1.LeaseSpec;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that of several equal programs only one works: who holds a Lease leads, and renews it
 * as long as it lives. Times are upstream's defaults: a lease lasts 15 s, is renewed every 2 s, and
 * a leader that could not renew it for 10 s stops to lead.
 *
 * <p>Another's lease is judged by when this program saw it change, never by the clock of the other.
 * One thread runs {@link #run}; its fields belong to it.
 */
public final class LeaderElector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderElector.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** What the program does as a leader. */
  public interface Callbacks {
    /** It leads now. Must return soon. */
    void started();

    /** It leads no more, and must not act as if it did. */
    void stopped();
  }

  private final Resource<Lease> leases;
  private final String namespace;
  private final String name;
  private final String identity;
  private final InstantSource clock;
  private final Callbacks callbacks;
  private final CountDownLatch closed = new CountDownLatch(1);

  private @Nullable LeaseSpec observed;
  private Instant observedAt = Instant.EPOCH;

  /**
   * @param identity a name that no other candidate has
   */
  public LeaderElector(
      Client client,
      String namespace,
      String name,
      String identity,
      InstantSource clock,
      Callbacks callbacks) {
    this.leases = client.resource(Resources.LEASES);
    this.namespace = namespace;
    this.name = name;
    this.identity = identity;
    this.clock = clock;
    this.callbacks = callbacks;
  }

  /** Stands for election, leads, and stands again, until closed. */
  public void run() throws InterruptedException {
    while (closed.getCount() > 0) {
      if (!tryAcquire()) {
        await(RETRY);
        continue;
      }
      LOG.info("lease={}/{} identity={} leads", namespace, name, identity);
      callbacks.started();
      try {
        lead();
      } finally {
        callbacks.stopped();
        LOG.info("lease={}/{} identity={} leads no more", namespace, name, identity);
      }
    }
  }

  private void lead() throws InterruptedException {
    Instant renewed = clock.instant();
    while (!await(RETRY)) {
      if (tryAcquire()) {
        renewed = clock.instant();
      } else if (Duration.between(renewed, clock.instant()).compareTo(RENEW_DEADLINE) > 0) {
        return;
      }
    }
    release();
  }

  private boolean await(Duration time) throws InterruptedException {
    return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private boolean tryAcquire() {
    try {
      Optional<Lease> found = leases.find(namespace, name);
      Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
      if (found.isEmpty()) {
        leases.create(
            Lease.builder()
                .metadata(ObjectMeta.builder().namespace(namespace).name(name).build())
                .spec(spec(now, now, 0))
                .build());
        return true;
      }
      Lease lease = found.get();
      LeaseSpec spec = lease.spec();
      if (!spec.equals(observed)) {
        observed = spec;
        observedAt = now;
      }
      boolean mine = identity.equals(spec.holderIdentity());
      boolean held = spec.holderIdentity() != null && !spec.holderIdentity().isEmpty();
      Integer seconds = spec.leaseDurationSeconds();
      Duration duration = seconds == null ? LEASE : Duration.ofSeconds(seconds);
      if (!mine && held && observedAt.plus(duration).isAfter(now)) {
        return false;
      }
      Instant acquired = spec.acquireTime();
      int transitions = spec.leaseTransitions() == null ? 0 : spec.leaseTransitions();
      LeaseSpec next =
          mine
              ? spec(acquired == null ? now : acquired, now, transitions)
              : spec(now, now, transitions + 1);
      leases.update(lease.toBuilder().spec(next).build());
      return true;
    } catch (ApiException e) {
      if (!e.isConflict() && !e.isAlreadyExists()) {
        LOG.warn("lease={}/{} error={}", namespace, name, e.getMessage());
      }
      return false;
    }
  }

  private LeaseSpec spec(Instant acquired, Instant renewed, int transitions) {
    return LeaseSpec.builder()
        .holderIdentity(identity)
        .leaseDurationSeconds((int) LEASE.toSeconds())
        .acquireTime(acquired)
        .renewTime(renewed)
        .leaseTransitions(transitions)
        .build();
  }

  /** Gives the lease up, so that another need not wait for its end. */
  private void release() {
    try {
      leases.edit(
          namespace,
          name,
          lease ->
              identity.equals(lease.spec().holderIdentity())
                  ? lease.toBuilder()
                      .spec(
                          lease.spec().toBuilder()
                              .holderIdentity("")
                              .leaseDurationSeconds(1)
                              .build())
                      .build()
                  : lease);
    } catch (ApiException e) {
      LOG.warn("lease={}/{} not released error={}", namespace, name, e.getMessage());
    }
  }

  /** Ends it; a leader gives its lease up. */
  @Override
  public void close() {
    closed.countDown();
  }
}
