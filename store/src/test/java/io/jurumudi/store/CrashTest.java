package io.jurumudi.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.store.StoreException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The log store on a disk that fails in every way it can at every place it can. */
final class CrashTest {
  private static final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor();

  /** Snapshots on the writer's own thread: every run makes the same system calls. */
  private static final StoreConfig CONFIG =
      StoreConfig.of(Runnable::run, timer).withSnapshotBytes(1500);

  private static final int TRANSACTIONS = 60;

  @AfterAll
  static void stopTimer() {
    timer.shutdownNow();
  }

  /** The n-th transaction; together they overwrite, delete and write several keys. */
  private static Txn transaction(int n) {
    Op put = Op.put("/k/" + n % 7, new byte[n % 13 * 10]);
    Op other = n % 5 == 4 ? Op.delete("/pair") : Op.put("/pair", StoreContract.bytes("" + n));
    return n % 3 == 0 ? Txn.of(put, other) : Txn.of(put);
  }

  private static void runTo(Store store, int end) {
    for (int n = (int) store.revision() - 1; n < end; n++) {
      store.commit(transaction(n));
    }
  }

  /** What the store holds after each revision: the truth to compare with. */
  private static List<List<KeyValue>> truth() {
    List<List<KeyValue>> states = new ArrayList<>();
    try (Store store = new MemoryStore(CONFIG)) {
      for (int n = 0; n <= TRANSACTIONS; n++) {
        states.add(store.range(KeyRange.ALL, 0, 0).items());
        store.commit(transaction(n));
        assertThat(store.revision()).isEqualTo(n + 2);
      }
    }
    return states;
  }

  private static void check(Store store, long acknowledged, List<List<KeyValue>> truth) {
    assertThat(store.revision()).isBetween(acknowledged, acknowledged + 1);
    assertThat(store.range(KeyRange.ALL, 0, 0).items())
        .isEqualTo(truth.get((int) store.revision() - 1));
  }

  /** Runs until the power goes, and returns the last acknowledged revision. */
  private static long runUntilPowerLoss(SimulatedDisk disk, long before) {
    long acknowledged = before;
    try (Store store = LogStore.open(disk, CONFIG)) {
      acknowledged = Math.max(acknowledged, store.revision());
      for (int n = (int) store.revision() - 1; n < TRANSACTIONS; n++) {
        acknowledged = store.commit(transaction(n)).revision();
      }
    } catch (StoreException e) {
      assertThat(e.reason()).isIn(Reason.FAILED, Reason.UNAVAILABLE);
      assertThat(disk.isPowerless()).isTrue();
    }
    return acknowledged;
  }

  @Test
  void powerLossAtEverySystemCallLosesNothingAcknowledged() {
    List<List<KeyValue>> truth = truth();
    SimulatedDisk whole = new SimulatedDisk(new Random(1));
    runUntilPowerLoss(whole, 1);
    int calls = whole.calls();
    assertThat(calls).isGreaterThan(2 * TRANSACTIONS);
    int crashes = 0;
    for (int at = 0; at < calls; at++) {
      for (int seed = 0; seed < 8; seed++) {
        Random random = new Random(at * 1000L + seed);
        SimulatedDisk disk = new SimulatedDisk(random);
        disk.losePowerAfter(at);
        long acknowledged = runUntilPowerLoss(disk, 1);
        // The machine comes back, and may lose its power again, also while it recovers.
        for (int again = 0; again < 2; again++) {
          disk = disk.afterPowerLoss();
          disk.losePowerAfter(random.nextInt(12));
          acknowledged = runUntilPowerLoss(disk, acknowledged);
          crashes++;
        }
        disk = disk.afterPowerLoss();
        try (Store store = LogStore.open(disk, CONFIG)) {
          check(store, acknowledged, truth);
          runTo(store, TRANSACTIONS);
        }
        try (Store store = LogStore.open(disk.copy(), CONFIG)) {
          assertThat(store.revision()).isEqualTo(TRANSACTIONS + 1);
          assertThat(store.range(KeyRange.ALL, 0, 0).items()).isEqualTo(truth.getLast());
        }
        crashes++;
      }
    }
    assertThat(crashes).isGreaterThan(3000);
  }

  @Test
  void aLogCutAtAnyByteGivesABeginningOfHistory() {
    List<List<KeyValue>> truth = truth();
    SimulatedDisk disk = new SimulatedDisk(new Random(2));
    StoreConfig noSnapshots = CONFIG.withSnapshotBytes(1 << 20);
    int[] endOf = new int[22];
    try (Store store = LogStore.open(disk, noSnapshots)) {
      for (int n = 0; n < 20; n++) {
        store.commit(transaction(n));
        endOf[n + 1] = disk.bytes("log-0000000001").length;
      }
    }
    byte[] log = disk.bytes("log-0000000001");
    endOf[0] = Frames.HEADER;
    endOf[21] = Integer.MAX_VALUE;
    for (int length = Frames.HEADER; length <= log.length; length++) {
      SimulatedDisk cut = disk.copy();
      cut.put("log-0000000001", java.util.Arrays.copyOf(log, length));
      int whole = 0;
      while (endOf[whole + 1] <= length) {
        whole++;
      }
      try (Store store = LogStore.open(cut, noSnapshots)) {
        assertThat(store.revision()).isEqualTo(whole + 1);
        assertThat(store.range(KeyRange.ALL, 0, 0).items()).isEqualTo(truth.get(whole));
        assertThat(store.put("/after", new byte[1]).modRevision()).isEqualTo(whole + 2);
      }
    }
  }

  @Test
  void aDamagedByteAnywhereButAtTheEndIsRefusedAndNothingIsTouched() {
    SimulatedDisk disk = new SimulatedDisk(new Random(3));
    StoreConfig noSnapshots = CONFIG.withSnapshotBytes(1 << 20);
    int lastFrame = 0;
    try (Store store = LogStore.open(disk, noSnapshots)) {
      for (int n = 0; n < 10; n++) {
        lastFrame = disk.bytes("log-0000000001").length;
        store.commit(transaction(n));
      }
    }
    byte[] log = disk.bytes("log-0000000001");
    for (int at = 0; at < log.length; at++) {
      if (at >= 28 && at < Frames.HEADER) {
        continue; // padding
      }
      byte[] damaged = log.clone();
      damaged[at] ^= 0x10;
      SimulatedDisk copy = disk.copy();
      copy.put("log-0000000001", damaged);
      if (at < lastFrame) {
        assertThatThrownBy(() -> LogStore.open(copy, noSnapshots))
            .as("damage at byte " + at)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
        assertThat(copy.bytes("log-0000000001")).isEqualTo(damaged);
      } else {
        try (Store store = LogStore.open(copy, noSnapshots)) {
          assertThat(store.revision()).isEqualTo(10);
        }
      }
    }
  }

  @Test
  void aDamagedSnapshotIsRefused() {
    SimulatedDisk disk = new SimulatedDisk(new Random(4));
    runUntilPowerLoss(disk, 1);
    String name = DataFiles.snapshot(diskSnapshot(disk));
    byte[] snapshot = disk.bytes(name);
    for (int at = 0; at < snapshot.length; at++) {
      if (at >= 28 && at < Frames.HEADER) {
        continue; // padding
      }
      byte[] damaged = snapshot.clone();
      damaged[at] ^= 0x01;
      SimulatedDisk copy = disk.copy();
      copy.put(name, damaged);
      assertThatThrownBy(() -> LogStore.open(copy, CONFIG))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
    }
  }

  private static long diskSnapshot(SimulatedDisk disk) {
    try {
      return DataFiles.snapshots(disk.list()).last();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aFullDiskRefusesWritesAndDamagesNothing() {
    List<List<KeyValue>> truth = truth();
    for (int free = 0; free < 3000; free += 7) {
      SimulatedDisk disk = new SimulatedDisk(new Random(5));
      try (Store store = LogStore.open(disk, CONFIG)) {
        runTo(store, 10);
        disk.limitRoom(disk.used() + free);
        for (int n = 10; n < TRANSACTIONS; n++) {
          try {
            store.commit(transaction(n));
          } catch (StoreException e) {
            assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
            assertThat(e).hasMessageContaining("No space left on device");
            break;
          }
        }
        check(store, store.revision(), truth);
        try (Store crashed = LogStore.open(disk.copy(), CONFIG)) {
          check(crashed, store.revision(), truth);
        }
        disk.limitRoom(Long.MAX_VALUE);
        runTo(store, TRANSACTIONS);
      }
      try (Store store = LogStore.open(disk.copy(), CONFIG)) {
        assertThat(store.range(KeyRange.ALL, 0, 0).items()).isEqualTo(truth.getLast());
      }
    }
  }

  @Test
  void aFailedSyncStopsAllWriting() {
    List<List<KeyValue>> truth = truth();
    SimulatedDisk disk = new SimulatedDisk(new Random(6));
    try (Store store = LogStore.open(disk, CONFIG)) {
      runTo(store, 10);
      disk.failSyncs(true);
      StoreContract.refused(Reason.FAILED, () -> store.commit(transaction(10)));
      disk.failSyncs(false);
      StoreContract.refused(Reason.FAILED, () -> store.commit(transaction(10)));
      assertThat(store.revision()).isEqualTo(11);
      check(store, 11, truth);
    }
    try (Store store = LogStore.open(disk.afterPowerLoss(), CONFIG)) {
      check(store, 11, truth);
      runTo(store, TRANSACTIONS);
    }
  }

  /** Many writers at once: groups. What one of them was told must be there. */
  @Test
  void groupsSurvivePowerLossWhole() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      SimulatedDisk disk = new SimulatedDisk(random);
      disk.losePowerAfter(10 + random.nextInt(200));
      int writers = 8;
      AtomicLong[] told = new AtomicLong[writers];
      try (LogStore store = LogStore.open(disk, CONFIG)) {
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
          int writer = w;
          told[w] = new AtomicLong();
          threads.add(Thread.startVirtualThread(() -> write(store, writer, told[writer])));
        }
        for (Thread thread : threads) {
          assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
      }
      try (Store store = LogStore.open(disk.afterPowerLoss(), CONFIG)) {
        for (int w = 0; w < writers; w++) {
          long left = number(store, "/left/" + w);
          assertThat(left).isEqualTo(number(store, "/right/" + w));
          assertThat(left).isBetween(told[w].get(), told[w].get() + 1);
        }
      }
    }
  }

  private static void write(Store store, int writer, AtomicLong told) {
    for (int n = 1; n <= 100; n++) {
      byte[] value = StoreContract.bytes("" + n);
      try {
        store.commit(Txn.of(Op.put("/left/" + writer, value), Op.put("/right/" + writer, value)));
      } catch (StoreException e) {
        return;
      }
      told.set(n);
    }
  }

  private static long number(Store store, String key) {
    return store.get(key).map(item -> Long.parseLong(StoreContract.text(item))).orElse(0L);
  }
}
