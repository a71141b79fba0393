package io.jurumudi.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.jurumudi.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. A store's own test extends this. */
abstract class StoreContract {
  final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  StoreConfig config = StoreConfig.of(executor, timer);
  Store store = new MemoryStore(config);

  /** Opens an empty store. */
  abstract Store open(StoreConfig config);

  @BeforeEach
  void openStore() {
    store.close();
    store = open(config);
  }

  @AfterEach
  void closeStore() {
    store.close();
    timer.shutdownNow();
    executor.shutdown();
  }

  void reopenEmpty(StoreConfig with) {
    store.close();
    store = open(with);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(KeyValue item) {
    return new String(item.value(), StandardCharsets.UTF_8);
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        fail("not within 20 s: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  List<String> texts(KeyRange range) {
    return store.range(range, 0, 0).items().stream()
        .map(item -> item.key() + "=" + text(item))
        .toList();
  }

  @Test
  void versionsCountAsInEtcd() {
    assertThat(store.revision()).isEqualTo(1);
    KeyValue created = store.put("/a", bytes("1"));
    assertThat(created).isEqualTo(new KeyValue("/a", bytes("1"), 2, 2, 1, 0));
    KeyValue updated = store.put("/a", bytes("2"));
    assertThat(updated).isEqualTo(new KeyValue("/a", bytes("2"), 2, 3, 2, 0));
    assertThat(store.get("/a")).contains(updated);

    TxnResult deleted = store.delete("/a");
    assertThat(deleted.found()).contains(updated);
    assertThat(deleted.revision()).isEqualTo(4);
    assertThat(store.get("/a")).isEmpty();
    assertThat(store.delete("/a").found()).isEmpty();
    assertThat(store.revision()).as("deleting nothing makes no revision").isEqualTo(4);

    assertThat(store.put("/a", bytes("3"))).isEqualTo(new KeyValue("/a", bytes("3"), 5, 5, 1, 0));
    assertThat(store.statistics().keys()).isEqualTo(1);
    assertThat(store.statistics().bytes()).isEqualTo(3);
  }

  @Test
  void conditionsDecideAndAFailedOneShowsWhatIsThere() {
    assertThat(store.create("/a", bytes("1")).succeeded()).isTrue();
    TxnResult again = store.create("/a", bytes("x"));
    assertThat(again.succeeded()).isFalse();
    assertThat(again.found().map(StoreContract::text)).contains("1");
    assertThat(again.revision()).isEqualTo(2);

    assertThat(store.update("/a", bytes("2"), 2).written().modRevision()).isEqualTo(3);
    assertThat(store.update("/a", bytes("x"), 2).succeeded()).isFalse();
    assertThat(store.delete("/a", 2).succeeded()).isFalse();
    assertThat(store.delete("/a", 3).succeeded()).isTrue();
    assertThat(store.update("/a", bytes("x"), 3).found()).isEmpty();
    assertThat(store.revision()).isEqualTo(4);
  }

  @Test
  void aTransactionIsOneRevisionOrNothing() {
    TxnResult result =
        store.commit(
            Txn.of(
                Op.put("/a", bytes("1")),
                Op.put("/b", bytes("2")),
                Op.read("/a"),
                Op.delete("/none")));
    assertThat(result.revision()).isEqualTo(2);
    assertThat(result.results()).hasSize(4);
    assertThat(result.results().get(2))
        .isEqualTo(
            new TxnResult.ReadResult(
                new RangeResult(List.of(new KeyValue("/a", bytes("1"), 2, 2, 1, 0)), 1, 2)));

    refused(
        Reason.INVALID,
        () -> store.commit(Txn.of(Op.put("/c", bytes("1")), Op.put("/c", bytes("2")))));
    refused(
        Reason.INVALID,
        () -> store.commit(Txn.of(Op.put("/a", bytes("9")), Op.delete(KeyRange.ALL))));
    refused(Reason.INVALID, () -> store.commit(Txn.of(Op.delete("/a"), Op.put("/a", bytes("9")))));
    refused(Reason.INVALID, () -> store.put("", bytes("1")));
    refused(Reason.INVALID, () -> store.put("/\ud800", bytes("1")));
    refused(
        Reason.LEASE_NOT_FOUND,
        () -> store.commit(Txn.of(Op.put("/d", bytes("1")), Op.put("/e", bytes("1"), 77))));
    refused(Reason.TOO_LARGE, () -> store.put("/big", new byte[config.transactionBytes()]));
    assertThat(store.revision()).isEqualTo(2);
    assertThat(texts(KeyRange.ALL)).containsExactly("/a=1", "/b=2");

    assertThat(store.commit(Txn.of(Op.delete(KeyRange.prefix("/")))).results())
        .singleElement()
        .isInstanceOfSatisfying(
            TxnResult.DeleteResult.class, gone -> assertThat(gone.previous()).hasSize(2));
    assertThat(store.revision()).isEqualTo(3);
  }

  @Test
  void rangesArePagedConsistently() {
    for (int i = 0; i < 500; i++) {
      store.put("/pods/%03d".formatted(i), bytes("old" + i));
    }
    store.put("/podsx", bytes("beside"));
    store.put("/p", bytes("before"));
    KeyRange pods = KeyRange.prefix("/pods/");
    assertThat(store.count(pods)).isEqualTo(500);

    RangeResult first = store.range(pods, 0, 100);
    assertThat(first.count()).isEqualTo(500);
    assertThat(first.remaining()).isEqualTo(400);
    for (int i = 0; i < 500; i += 3) {
      store.delete("/pods/%03d".formatted(i));
      store.put("/pods/%03d".formatted(i + 1), bytes("new"));
      store.put("/pods/%03d-between".formatted(i), bytes("new"));
    }
    List<KeyValue> all = new ArrayList<>(first.items());
    while (all.size() < 500) {
      KeyRange rest = pods.from(all.getLast().key() + '\0');
      RangeResult page = store.range(rest, first.revision(), 100);
      assertThat(page.revision()).isEqualTo(first.revision());
      assertThat(page.count()).isEqualTo(500 - all.size());
      all.addAll(page.items());
    }
    for (int i = 0; i < 500; i++) {
      assertThat(text(all.get(i))).isEqualTo("old" + i);
    }
  }

  @Test
  void historyIsBoundedAndCompactable() {
    reopenEmpty(config.withHistory(100, 1 << 20));
    for (int i = 0; i < 300; i++) {
      store.put("/a", bytes("" + i)); // revision i + 2
    }
    assertThat(store.revision()).isEqualTo(301);
    assertThat(store.compactedRevision()).isEqualTo(201);
    assertThat(text(store.range(KeyRange.ALL, 201, 0).items().getFirst())).isEqualTo("199");
    refused(Reason.COMPACTED, () -> store.range(KeyRange.ALL, 200, 0));
    refused(Reason.COMPACTED, () -> store.watch(KeyRange.ALL, 201, new Recorder()));
    store.watch(KeyRange.ALL, 202, new Recorder()).close();
    refused(Reason.FUTURE_REVISION, () -> store.range(KeyRange.ALL, 302, 0));
    refused(Reason.FUTURE_REVISION, () -> store.compact(302));
    store.compact(301);
    assertThat(store.compactedRevision()).isEqualTo(301);
    assertThat(store.range(KeyRange.ALL, 301, 0).items()).hasSize(1);
    refused(Reason.COMPACTED, () -> store.range(KeyRange.ALL, 300, 0));

    reopenEmpty(config.withHistory(1000, 100_000));
    for (int i = 0; i < 300; i++) {
      store.put("/a", new byte[10_000]);
    }
    assertThat(store.compactedRevision()).as("bounded by bytes").isGreaterThan(280);
  }

  @Test
  void watchesDeliverThePastThenThePresentInOrder() {
    store.put("/a/1", bytes("1"));
    store.put("/b/1", bytes("1"));
    store.put("/a/1", bytes("2"));
    Recorder fromStart = new Recorder();
    Recorder fromNow = new Recorder();
    Recorder fromFuture = new Recorder();
    store.watch(KeyRange.prefix("/a/"), 2, fromStart);
    store.watch(KeyRange.prefix("/a/"), 0, fromNow);
    store.watch(KeyRange.prefix("/a/"), 7, fromFuture);
    store.commit(Txn.of(Op.put("/a/2", bytes("x")), Op.put("/b/2", bytes("x")), Op.delete("/a/1")));
    store.put("/b/3", bytes("x"));
    store.delete("/a/2");
    await("events", () -> fromStart.events().size() == 5 && fromFuture.events().size() == 1);
    assertThat(fromStart.lines())
        .containsExactly(
            "PUT /a/1=1@2/2v1",
            "PUT /a/1=2@2/4v2 was 1",
            "PUT /a/2=x@5/5v1",
            "DELETE /a/1=@0/5v0 was 2",
            "DELETE /a/2=@0/7v0 was x");
    assertThat(fromStart.events().getFirst().isCreate()).isTrue();
    await("events from now", () -> fromNow.events().size() == 3);
    assertThat(fromNow.lines()).isEqualTo(fromStart.lines().subList(2, 5));
    assertThat(fromFuture.lines()).isEqualTo(fromStart.lines().subList(4, 5));
    assertThat(fromStart.torn()).isFalse();
  }

  @Test
  void progressFollowsTheEventsItVouchesFor() {
    Recorder recorder = new Recorder();
    Watch watch = store.watch(KeyRange.prefix("/a/"), 0, recorder);
    for (int i = 0; i < 100; i++) {
      store.put(i % 2 == 0 ? "/a/x" : "/b/x", bytes("" + i));
    }
    watch.requestProgress();
    await("progress", () -> recorder.progress() == 101);
    assertThat(recorder.events()).hasSize(50);
    watch.close();
    await("end", recorder::isClosed);
    assertThat(recorder.cause()).isEmpty();
    store.put("/a/x", bytes("unseen"));
    watch.requestProgress();
    assertThat(recorder.events()).hasSize(50);
    assertThat(store.statistics().watchers()).isZero();
  }

  @Test
  void aSlowWatcherIsCutOffAndHoldsNobodyUp() throws Exception {
    reopenEmpty(config.withWatchQueue(10, 1 << 20));
    CountDownLatch release = new CountDownLatch(1);
    Recorder slow = new Recorder(() -> awaitUninterruptibly(release));
    Recorder quick = new Recorder();
    store.watch(KeyRange.ALL, 0, slow);
    store.watch(KeyRange.ALL, 0, quick);
    for (int i = 0; i < 50; i++) {
      store.put("/a", bytes("" + i));
      int seen = i + 1;
      await("the quick watcher", () -> quick.events().size() == seen);
    }
    assertThat(store.statistics().watchers()).isEqualTo(1);
    release.countDown();
    await("the cut", slow::isClosed);
    assertThat(slow.cause().map(StoreException::reason)).contains(Reason.SLOW_WATCHER);
    assertThat(slow.events()).hasSizeLessThan(12);
    assertThat(quick.isClosed()).isFalse();
  }

  @Test
  void aFailingListenerEndsOnlyItsOwnWatch() {
    Recorder broken =
        new Recorder(
            () -> {
              throw new IllegalStateException("broken on purpose");
            });
    Recorder sound = new Recorder();
    store.watch(KeyRange.ALL, 0, broken);
    store.watch(KeyRange.ALL, 0, sound);
    store.put("/a", bytes("1"));
    await("both", () -> broken.isClosed() && sound.events().size() == 1);
    assertThat(broken.cause().orElseThrow()).hasRootCauseMessage("broken on purpose");
    store.close();
    await("closing ends watches", sound::isClosed);
    assertThat(sound.cause().map(StoreException::reason)).contains(Reason.CLOSED);
    refused(Reason.CLOSED, () -> store.put("/a", bytes("2")));
    refused(Reason.CLOSED, () -> store.get("/a"));
    store.close();
  }

  @Test
  void keysEndWithTheirLease() {
    long lease = store.grantLease(Duration.ofHours(1));
    store.commit(Txn.of(Op.put("/a", bytes("1"), lease), Op.put("/b", bytes("1"), lease)));
    store.commit(Txn.of(Op.put("/c", bytes("1"), lease)));
    store.put("/c", bytes("2")); // lets the lease go
    assertThat(store.lease(lease).orElseThrow().keys()).containsExactly("/a", "/b");
    Recorder recorder = new Recorder();
    store.watch(KeyRange.ALL, 0, recorder);
    long before = store.revision();
    store.revokeLease(lease);
    assertThat(texts(KeyRange.ALL)).containsExactly("/c=2");
    assertThat(store.revision()).isEqualTo(before + 1);
    await("events", () -> recorder.events().size() == 2);
    assertThat(store.lease(lease)).isEmpty();
    refused(Reason.LEASE_NOT_FOUND, () -> store.revokeLease(lease));
    refused(Reason.LEASE_NOT_FOUND, () -> store.keepAlive(lease));
    refused(Reason.LEASE_NOT_FOUND, () -> store.commit(Txn.of(Op.put("/x", bytes("1"), lease))));
    refused(Reason.INVALID, () -> store.grantLease(Duration.ZERO));
  }

  @Test
  void leasesRunOutUnlessKeptAlive() {
    SteppingClock clock = new SteppingClock();
    reopenEmpty(config.withClock(clock));
    long kept = store.grantLease(Duration.ofMillis(200));
    long lost = store.grantLease(Duration.ofMillis(100));
    store.commit(Txn.of(Op.put("/kept", bytes("1"), kept), Op.put("/lost", bytes("1"), lost)));
    clock.advance(Duration.ofMillis(150));
    store.keepAlive(kept);
    clock.advance(Duration.ofMillis(150));
    await("the end of a lease", () -> store.get("/lost").isEmpty());
    assertThat(store.get("/kept")).isPresent();
    assertThat(store.lease(kept).orElseThrow().remaining()).isEqualTo(Duration.ofMillis(50));
    clock.advance(Duration.ofMillis(100));
    await("the end of the other", () -> store.get("/kept").isEmpty());
    assertThat(store.statistics().leases()).isZero();
  }

  @Test
  void compareAndSetLosesNoUpdate() throws Exception {
    store.put("/counter", bytes("0"));
    List<Future<?>> writers = new ArrayList<>();
    for (int w = 0; w < 16; w++) {
      writers.add(
          executor.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  TxnResult result;
                  do {
                    KeyValue now = store.get("/counter").orElseThrow();
                    String next = "" + (Integer.parseInt(text(now)) + 1);
                    result = store.update("/counter", bytes(next), now.modRevision());
                  } while (!result.succeeded());
                }
              }));
    }
    Recorder recorder = new Recorder();
    store.watch(KeyRange.ALL, 2, recorder);
    for (Future<?> writer : writers) {
      writer.get();
    }
    assertThat(text(store.get("/counter").orElseThrow())).isEqualTo("800");
    await("all events", () -> recorder.events().size() == 801);
    for (int i = 0; i <= 800; i++) {
      assertThat(text(recorder.events().get(i).current())).isEqualTo("" + i);
      assertThat(recorder.events().get(i).revision()).isEqualTo(i + 2);
    }
  }

  /** Random transactions, beside a model that keeps everything. */
  @Test
  void behavesAsTheModel() {
    Random random = new Random(20260101);
    Map<Long, TreeMap<String, String>> past = new HashMap<>();
    TreeMap<String, String> model = new TreeMap<>();
    Recorder recorder = new Recorder();
    store.watch(KeyRange.ALL, 0, recorder);
    past.put(1L, new TreeMap<>());
    for (int i = 0; i < 3000; i++) {
      TreeMap<String, Op> ops = new TreeMap<>();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        String key = "/k/" + Integer.toString(random.nextInt(600), 36);
        boolean put = random.nextInt(10) < (i / 500 % 2 == 0 ? 7 : 2);
        ops.put(key, put ? Op.put(key, bytes("v" + i)) : Op.delete(key));
      }
      TxnResult result = store.commit(Txn.of(ops.values().toArray(Op[]::new)));
      ops.forEach(
          (key, op) -> {
            if (op instanceof Op.Put) {
              model.put(key, text(store.get(key).orElseThrow()));
            } else {
              model.remove(key);
            }
          });
      past.put(result.revision(), new TreeMap<>(model));
      if (i % 10 == 0) {
        long revision = 1 + random.nextLong(store.revision());
        TreeMap<String, String> then = past.getOrDefault(revision, new TreeMap<>());
        String from = "/k/" + Integer.toString(random.nextInt(600), 36);
        String to = "/k/" + Integer.toString(random.nextInt(600), 36);
        KeyRange range = new KeyRange(from, to);
        Map<String, String> expected =
            from.compareTo(to) < 0 ? then.subMap(from, true, to, false) : Map.of();
        Map<String, String> actual = new TreeMap<>();
        RangeResult read = store.range(range, revision, 0);
        read.items().forEach(item -> actual.put(item.key(), text(item)));
        assertThat(actual).isEqualTo(expected);
        assertThat(store.range(range, revision, 1).count()).isEqualTo(expected.size());
      }
    }
    await("all events", () -> recorder.revision() == store.revision());
    Map<String, String> rebuilt = new TreeMap<>();
    for (Event event : recorder.events()) {
      KeyValue previous = event.previous();
      assertThat(rebuilt.get(event.key())).isEqualTo(previous == null ? null : text(previous));
      if (event.type() == Event.Type.PUT) {
        rebuilt.put(event.key(), text(event.current()));
      } else {
        rebuilt.remove(event.key());
      }
    }
    assertThat(rebuilt).isEqualTo(model);
  }

  static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keeps what a watch delivered. */
  static final class Recorder implements WatchListener {
    private final List<Event> events = new ArrayList<>();
    private long revision;
    private long progress;
    private boolean torn;
    private boolean closed;
    private Optional<StoreException> cause = Optional.empty();
    private final Runnable afterwards;

    Recorder() {
      this(() -> {});
    }

    /** Runs something at the end of each delivery. */
    Recorder(Runnable afterwards) {
      this.afterwards = afterwards;
    }

    @Override
    public void events(List<Event> batch, long upTo) {
      keep(batch, upTo);
      afterwards.run();
    }

    private synchronized void keep(List<Event> batch, long upTo) {
      torn |= !events.isEmpty() && events.getLast().revision() >= batch.getFirst().revision();
      torn |= batch.getLast().revision() != upTo || closed;
      events.addAll(batch);
      revision = upTo;
    }

    @Override
    public synchronized void progress(long upTo) {
      progress = upTo;
    }

    @Override
    public synchronized void closed(Optional<StoreException> why) {
      torn |= closed;
      closed = true;
      cause = why;
    }

    synchronized List<Event> events() {
      return List.copyOf(events);
    }

    synchronized long revision() {
      return revision;
    }

    synchronized long progress() {
      return progress;
    }

    synchronized boolean torn() {
      return torn;
    }

    synchronized boolean isClosed() {
      return closed;
    }

    synchronized Optional<StoreException> cause() {
      return cause;
    }

    List<String> lines() {
      return events().stream()
          .map(
              event -> {
                KeyValue previous = event.previous();
                return event.type()
                    + " "
                    + event.current()
                    + (previous == null ? "" : " was " + text(previous));
              })
          .toList();
    }
  }

  /** A clock that runs when it is told to; the timer's delays run in real time beside it. */
  static final class SteppingClock implements InstantSource {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Instant instant() {
      return now;
    }

    synchronized void advance(Duration by) {
      now = now.plus(by);
    }
  }
}
