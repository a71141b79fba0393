package io.jurumudi.scheduler;

import io.jurumudi.client.Client;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What a scheduler is given.
 *
 * @param executor runs watches, bindings and status writes: give virtual threads
 * @param random decides between nodes of equal score
 * @param schedulerName of the pods that it is responsible for
 * @param percentageOfNodesToScore 0 adapts to the size of the cluster
 */
public record SchedulerConfig(
    Client client,
    InstantSource clock,
    Executor executor,
    RandomGenerator random,
    String schedulerName,
    int percentageOfNodesToScore) {
  public static final String DEFAULT_NAME = "default-scheduler";

  public static SchedulerConfig of(
      Client client, InstantSource clock, Executor executor, RandomGenerator random) {
    return new SchedulerConfig(client, clock, executor, random, DEFAULT_NAME, 0);
  }
}
