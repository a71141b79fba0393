package io.jurumudi.apiserver.verbs;

import io.jurumudi.apiserver.admission.AdmissionChain;
import io.jurumudi.apiserver.registry.ResourceStores;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * What all verbs of one server share.
 *
 * @param executor of virtual threads, for watchers
 * @param timer ends watches whose time is up
 */
public record VerbContext(
    ResourceStores stores,
    AdmissionChain admission,
    FieldOwnership ownership,
    InstantSource clock,
    RandomGenerator random,
    Executor executor,
    ScheduledExecutorService timer) {
  Instant now() {
    return clock.instant();
  }
}
