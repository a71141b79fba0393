package io.jurumudi.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class WorkQueueTest {
  private final WorkQueue<String> queue = new WorkQueue<>(Clock.systemUTC());

  @Test
  void aKeyWaitsOnce() throws InterruptedException {
    queue.add("a");
    queue.add("b");
    queue.add("a");
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.get()).contains("a");
    assertThat(queue.get()).contains("b");
  }

  @Test
  void aKeyAddedDuringItsWorkComesAgainAfterIt() throws InterruptedException {
    queue.add("a");
    assertThat(queue.get()).contains("a");
    queue.add("a");
    queue.add("a");
    assertThat(queue.size()).isZero();
    queue.done("a");
    assertThat(queue.get()).contains("a");
    queue.done("a");
    assertThat(queue.size()).isZero();
  }

  @Test
  void theEarliestDelayCounts() throws InterruptedException {
    long begun = System.nanoTime();
    queue.addAfter("late", Duration.ofMillis(120));
    queue.addAfter("a", Duration.ofHours(1));
    queue.addAfter("a", Duration.ofMillis(30));
    queue.addAfter("a", Duration.ofHours(2));
    assertThat(queue.get()).contains("a");
    assertThat(queue.get()).contains("late");
    assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(119));
  }

  @Test
  void aShorterDelayWakesWhoWaitsForALongerOne() throws Exception {
    queue.addAfter("long", Duration.ofHours(1));
    CountDownLatch got = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                if (queue.get().equals(Optional.of("short"))) {
                  got.countDown();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    queue.addAfter("short", Duration.ofMillis(20));
    assertThat(got.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void failuresWaitEverLonger() {
    for (int i = 0; i < 40; i++) {
      queue.addRateLimited("a");
    }
    assertThat(queue.failures("a")).isEqualTo(40);
    queue.forget("a");
    assertThat(queue.failures("a")).isZero();
  }

  @Test
  void shutDownHandsOutTheRest() throws InterruptedException {
    queue.add("a");
    queue.addAfter("never", Duration.ofMillis(1));
    queue.shutDown();
    queue.add("b");
    assertThat(queue.get()).contains("a");
    assertThat(queue.get()).isEmpty();
  }

  @Test
  void manyWorkersNeverShareAKeyAndMissNoChange() throws Exception {
    int keys = 20;
    int rounds = 200;
    Set<String> working = ConcurrentHashMap.newKeySet();
    AtomicInteger shared = new AtomicInteger();
    ConcurrentHashMap<String, Integer> wanted = new ConcurrentHashMap<>();
    ConcurrentHashMap<String, Integer> seen = new ConcurrentHashMap<>();
    CountDownLatch failedOnce = new CountDownLatch(1);
    Reconciler<String> reconciler =
        key -> {
          if (!working.add(key)) {
            shared.incrementAndGet();
          }
          seen.put(key, wanted.get(key));
          LockSupport.parkNanos(1_000);
          working.remove(key);
          if (failedOnce.getCount() > 0) {
            failedOnce.countDown();
            throw new IllegalStateException("the first attempt of all fails, for this test");
          }
          return Result.done();
        };
    try (Controller<String> controller =
        new Controller<>("test", reconciler, 4, Clock.systemUTC())) {
      controller.start();
      for (int round = 1; round <= rounds; round++) {
        for (int i = 0; i < keys; i++) {
          String key = "k" + i;
          wanted.put(key, round);
          controller.enqueue(key);
        }
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (!seen.equals(wanted) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(seen).isEqualTo(wanted);
      assertThat(shared).hasValue(0);
      assertThat(controller.queue().failures(List.of("k0").getFirst())).isLessThanOrEqualTo(1);
    }
  }
}
