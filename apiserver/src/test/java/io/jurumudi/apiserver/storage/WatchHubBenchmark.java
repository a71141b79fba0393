package io.jurumudi.apiserver.storage;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.store.MemoryStore;
import io.jurumudi.store.Store;
import io.jurumudi.store.StoreConfig;
import io.jurumudi.store.StoreException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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

/** From a write to the last of many watchers, without encoding and sockets. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // Set up by JMH.
public class WatchHubBenchmark {
  @Param({"1", "200", "1000"})
  int watchers;

  private ScheduledExecutorService timer;
  private ExecutorService executor;
  private Store store;
  private ObjectStore<ConfigMap> objects;
  private WatchHub<ConfigMap> hub;
  private volatile CountDownLatch delivered = new CountDownLatch(0);
  private long count;

  @Setup(Level.Trial)
  public void start() {
    timer = Executors.newSingleThreadScheduledExecutor();
    executor = Executors.newVirtualThreadPerTaskExecutor();
    store = new MemoryStore(StoreConfig.of(executor, timer));
    objects = new ObjectStore<>(store, Resource.of(Resources.CONFIGMAPS).build());
    hub = new WatchHub<>(objects);
    for (int i = 0; i < watchers; i++) {
      hub.subscribe(
          store.revision(),
          new WatchHub.Subscriber<>() {
            @Override
            public void event(ObjectEvent<ConfigMap> event) {
              delivered.countDown();
            }

            @Override
            public void progress(long revision) {}

            @Override
            public void ended(StoreException cause) {}
          });
    }
  }

  @TearDown(Level.Trial)
  public void stop() {
    hub.close();
    store.close();
    executor.close();
    timer.shutdownNow();
  }

  @Benchmark
  public void writeReachesAll() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(watchers);
    delivered = all;
    String name = "name-" + count++;
    objects.create(
        objects.resource().key("default", name),
        ConfigMap.builder()
            .metadata(m -> m.name(name).namespace("default"))
            .data(Map.of("key", "value"))
            .build());
    all.await();
  }
}
