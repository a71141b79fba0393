package io.jurumudi.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * Writes of 2 KB by 1 and 64 writers, and a range of 500, in memory and on the disk of /var/tmp.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // Set up by JMH.
public class StoreBenchmark {
  private static final int KEYS = 5_000;
  private static final KeyRange PODS = KeyRange.prefix("/registry/pods/");

  @Param({"memory", "log"})
  String kind;

  private final byte[] value = new byte[2048];
  private final AtomicLong next = new AtomicLong();
  private Path directory;
  private ScheduledExecutorService timer;
  private ExecutorService executor;
  private Store store;

  @Setup(Level.Trial)
  public void open() throws IOException {
    timer = Executors.newSingleThreadScheduledExecutor();
    executor = Executors.newVirtualThreadPerTaskExecutor();
    directory = Files.createTempDirectory(Path.of("/var/tmp"), "store-benchmark");
    StoreConfig config = StoreConfig.of(executor, timer);
    store = kind.equals("log") ? LogStore.open(directory, config) : new MemoryStore(config);
    for (int i = 0; i < KEYS; i++) {
      put();
    }
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    store.close();
    executor.close();
    timer.shutdownNow();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private KeyValue put() {
    return store.put("/registry/pods/default/pod-" + next.getAndIncrement() % KEYS, value);
  }

  @Benchmark
  public KeyValue putByOne() {
    return put();
  }

  @Benchmark
  @Threads(64)
  public KeyValue putBy64() {
    return put();
  }

  @Benchmark
  public List<KeyValue> rangeOf500() {
    return store.range(PODS, 0, 500).items();
  }
}
