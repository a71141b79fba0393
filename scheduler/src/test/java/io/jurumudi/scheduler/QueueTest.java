package io.jurumudi.scheduler;

import static io.jurumudi.scheduler.Given.node;
import static io.jurumudi.scheduler.Given.on;
import static io.jurumudi.scheduler.Given.pod;
import static io.jurumudi.scheduler.Given.withPriority;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSchedulingGate;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.queue.QueuedPod;
import io.jurumudi.scheduler.queue.SchedulingQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The queue, with a clock that is moved by hand. */
final class QueueTest {
  private static final Set<String> FIT = Set.of("NodeResourcesFit");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final SchedulingQueue queue = new SchedulingQueue(new Given().framework, () -> now);

  private QueuedPod pop() throws InterruptedException {
    return queue.pop().orElseThrow();
  }

  /** The pod that is taken next, without waiting: a marker of low priority comes last. */
  private String next() throws InterruptedException {
    Pod marker = withPriority(pod("nothing"), -1000);
    queue.add(marker);
    QueuedPod popped = pop();
    queue.remove("nothing");
    queue.done(popped);
    return popped.info().name();
  }

  @Test
  void importantPodsFirstThenThoseThatWaitLongest() throws Exception {
    queue.add(pod("first"));
    now = now.plusSeconds(1);
    queue.add(pod("second"));
    queue.add(withPriority(pod("urgent"), 10));
    assertThat(List.of(next(), next(), next(), next()))
        .containsExactly("urgent", "first", "second", "nothing");
  }

  @Test
  void gatedPodsWaitForTheirGates() throws Exception {
    Pod free = pod("p");
    Pod gated =
        free.toBuilder()
            .spec(s -> s.schedulingGates(List.of(PodSchedulingGate.builder().name("g").build())))
            .build();
    queue.add(gated);
    assertThat(next()).isEqualTo("nothing");
    queue.update(free);
    assertThat(next()).isEqualTo("p");
  }

  @Test
  void aRejectedPodWaitsForWhatMayHelpItAndThenForItsBackoff() throws Exception {
    Pod big = pod("big", "8", "1Gi");
    queue.add(big);
    queue.requeue(pop(), FIT);
    now = now.plusSeconds(60);
    assertThat(next()).isEqualTo("nothing");
    queue.happened(new ClusterEvent.NodeAdded(node("small")));
    assertThat(next()).as("too small a node is no help").isEqualTo("nothing");
    queue.happened(new ClusterEvent.NodeAdded(node("large", "16", "8Gi", Map.of())));
    queue.requeue(pop(), FIT);

    queue.happened(new ClusterEvent.AssignedPodDeleted(on(pod("x"), "large")));
    assertThat(next()).as("the second back-off is 2 s").isEqualTo("nothing");
    now = now.plus(Duration.ofMillis(1999));
    assertThat(next()).isEqualTo("nothing");
    now = now.plus(Duration.ofMillis(1));
    assertThat(next()).isEqualTo("big");
  }

  @Test
  void whatHappensDuringAnAttemptIsNotMissed() throws Exception {
    queue.add(pod("p"));
    QueuedPod attempt = pop();
    queue.happened(new ClusterEvent.AssignedPodDeleted(on(pod("x"), "a")));
    queue.requeue(attempt, FIT);
    now = now.plusSeconds(1);
    assertThat(next()).isEqualTo("p");
  }

  @Test
  void aForgottenPodIsTriedAgainAfterFiveMinutes() throws Exception {
    queue.add(pod("p"));
    queue.requeue(pop(), FIT);
    now = now.plus(Duration.ofMinutes(5)).minusMillis(1);
    assertThat(next()).isEqualTo("nothing");
    now = now.plusMillis(1);
    assertThat(next()).isEqualTo("p");
  }

  @Test
  void anAccidentIsTriedAgainByItself() throws Exception {
    queue.add(pod("p"));
    queue.requeue(pop(), Set.of());
    assertThat(next()).isEqualTo("nothing");
    now = now.plusSeconds(1);
    assertThat(next()).isEqualTo("p");
  }

  @Test
  void aDeletedPodDoesNotComeBack() throws Exception {
    queue.add(pod("p"));
    QueuedPod attempt = pop();
    queue.remove("p");
    queue.requeue(attempt, Set.of());
    now = now.plusSeconds(60);
    assertThat(next()).isEqualTo("nothing");
  }

  @Test
  void closingEndsTheWait() throws Exception {
    Thread waiting = Thread.startVirtualThread(() -> assertThat(popQuietly()).isEmpty());
    queue.close();
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
  }

  private java.util.Optional<QueuedPod> popQuietly() {
    try {
      return queue.pop();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
