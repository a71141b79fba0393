package io.jurumudi.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Measures the store: durable writes by 1, 8 and 64 writers, reads, memory per key, recovery. A
 * program, not a test: {@code java -cp … io.jurumudi.store.StoreBenchmark DIRECTORY}.
 */
final class StoreBenchmark {
  private static final int VALUE = 2048;

  private StoreBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Files.createDirectories(directory);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      StoreConfig config = StoreConfig.of(executor, timer);
      try (Store memory = new MemoryStore(config)) {
        measure("memory", memory, 1, Duration.ofSeconds(2));
      }
      Path data = Files.createTempDirectory(directory, "store");
      try (Store store = LogStore.open(data, config)) {
        measure("warm-up", store, 8, Duration.ofSeconds(2));
        for (int writers : List.of(1, 8, 64)) {
          measure("log", store, writers, Duration.ofSeconds(4));
        }
      }
      long start = System.nanoTime();
      try (Store store = LogStore.open(data, config)) {
        System.out.printf(
            "recovery            %8.1f ms  %s%n",
            (System.nanoTime() - start) / 1e6, store.statistics());
        range(store);
      }
      memoryPerKey(config);
      timer.shutdownNow();
    }
  }

  private static void measure(String what, Store store, int writers, Duration time)
      throws Exception {
    long end = System.nanoTime() + time.toNanos();
    List<long[]> samples = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long syncs = store.statistics().syncs();
    for (int w = 0; w < writers; w++) {
      int writer = w;
      threads.add(
          Thread.startVirtualThread(
              () -> {
                long[] nanos = new long[4_000_000 / writers];
                int count = 0;
                while (System.nanoTime() < end && count < nanos.length) {
                  long begin = System.nanoTime();
                  String key = "/registry/pods/default/pod-" + writer + "-" + count % 500;
                  store.put(key, new byte[VALUE]);
                  nanos[count++] = System.nanoTime() - begin;
                }
                synchronized (samples) {
                  samples.add(Arrays.copyOf(nanos, count));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long[] all = samples.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    System.out.printf(
        "%-8s %3d writers %9.0f/s  p50 %7.1f us  p99 %7.1f us  syncs %d%n",
        what,
        writers,
        all.length / (double) time.toSeconds(),
        all[all.length / 2] / 1e3,
        all[all.length * 99 / 100] / 1e3,
        store.statistics().syncs() - syncs);
  }

  private static void range(Store store) {
    KeyRange pods = KeyRange.prefix("/registry/pods/");
    long items = 0;
    long begin = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      items += store.range(pods, 0, 500).items().size();
    }
    System.out.printf(
        "range of 500        %8.1f us  (%d items)%n", (System.nanoTime() - begin) / 1e6, items);
    begin = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      items += store.range(pods, store.compactedRevision() + i, 500).items().size();
    }
    System.out.printf("in the past         %8.1f us%n", (System.nanoTime() - begin) / 1e6);
  }

  private static void memoryPerKey(StoreConfig config) {
    int keys = 500_000;
    byte[] value = new byte[0];
    long before = used();
    try (Store store = new MemoryStore(config.withHistory(1, 1))) {
      for (int i = 0; i < keys; i++) {
        store.put("/registry/configmaps/namespace-%04d/name-%06d".formatted(i % 1000, i), value);
      }
      System.out.printf(
          "memory              %8.1f bytes a key of 44 characters, without value%n",
          (used() - before) / (double) keys);
    }
  }

  private static long used() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
