package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a directory. A write is acknowledged when its frame in the log has been synced to the
 * disk, and whatever was acknowledged is there after a crash of the process or of the machine.
 *
 * <p>One thread writes. All requests that arrive while it syncs form the next group: one frame, one
 * sync. (It is a platform thread of the store's own because a thread that a stranger could
 * interrupt would close the file under itself.) When the log has grown enough, it goes on in a new
 * file and the executor writes a snapshot of the state at that point from the immutable tree,
 * beside the ongoing writes; then the older logs are deleted.
 *
 * <p>A full disk refuses the write ({@link Reason#UNAVAILABLE}) and damages nothing; writes work
 * again when there is room. A failed sync stops all writing ({@link Reason#FAILED}), reads go on.
 */
public final class LogStore extends EmbeddedStore {
  private static final Logger log = LoggerFactory.getLogger(LogStore.class);

  /** A group takes no more requests when its changes have this size. */
  private static final long GROUP_BYTES = 4L << 20;

  /** A request and its answer. The latch orders what the writer's thread leaves here. */
  private static final class Pending<T> {
    final Function<Draft, T> request;
    final CountDownLatch answered = new CountDownLatch(1);
    @Nullable T value;
    @Nullable Throwable error;

    Pending(Function<Draft, T> request) {
      this.request = request;
    }

    void run(Draft draft) {
      try {
        value = request.apply(draft);
      } catch (RuntimeException | Error e) {
        error = e;
      }
    }

    void fail(Throwable e) {
      value = null;
      error = e;
      answered.countDown();
    }
  }

  private final Disk disk;
  private final Log end;
  private final Thread writer;
  private final ReentrantLock queueLock = new ReentrantLock();
  private final Condition queued = queueLock.newCondition();
  private Deque<Pending<?>> queue = new ArrayDeque<>();
  private boolean closing;

  /** Owner of the next two: the writer's thread. */
  private long nextSnapshotBytes;

  private volatile @Nullable CountDownLatch snapshotRunning;
  private volatile long replacedBytes;

  private LogStore(StoreConfig config, Disk disk, Recovery.Result recovery) {
    super(config, recovery.recovered());
    this.disk = disk;
    this.end = recovery.log();
    this.writer = Thread.ofPlatform().daemon().name("store-writer").unstarted(this::write);
  }

  /**
   * Opens the store in a directory, which is made if it is not there.
   *
   * @throws StoreException LOCKED, CORRUPT, or UNAVAILABLE when the directory cannot be used
   */
  public static LogStore open(Path directory, StoreConfig config) {
    return open(DirectoryDisk.open(directory), config);
  }

  static LogStore open(Disk disk, StoreConfig config) {
    Recovery.Result recovery;
    try {
      recovery = Recovery.recover(disk, config);
    } catch (RuntimeException e) {
      try {
        disk.close();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    LogStore store = new LogStore(config, disk, recovery);
    store.writer.start();
    store.armLeaseTimer();
    return store;
  }

  @Override
  <T> T submit(Function<Draft, T> request) {
    Pending<T> pending = new Pending<>(request);
    queueLock.lock();
    try {
      if (closing) {
        throw closedException();
      }
      queue.add(pending);
      queued.signal();
    } finally {
      queueLock.unlock();
    }
    await(pending.answered);
    switch (pending.error) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
    return Objects.requireNonNull(pending.value);
  }

  @Override
  public StoreStatistics statistics() {
    StoreStatistics memory = super.statistics();
    return new StoreStatistics(
        memory.keys(),
        memory.bytes(),
        memory.historyRevisions(),
        memory.watchers(),
        memory.leases(),
        memory.commits(),
        end.syncs(),
        end.bytes());
  }

  @Override
  public void close() {
    queueLock.lock();
    try {
      closing = true;
      queued.signal();
    } finally {
      queueLock.unlock();
    }
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (shutDown()) {
      CountDownLatch snapshot = snapshotRunning;
      if (snapshot != null) {
        await(snapshot);
      }
      try {
        end.close();
        disk.close();
      } catch (IOException e) {
        log.warn("closing failed", e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The writer's thread. */
  private void write() {
    nextSnapshotBytes = config().snapshotBytes();
    Deque<Pending<?>> waiting = take();
    while (!waiting.isEmpty()) {
      while (!waiting.isEmpty()) {
        writeGroup(waiting);
      }
      maybeSnapshot();
      waiting = take();
    }
  }

  /** Everything that is queued; waits for something, or returns nothing when the store closes. */
  private Deque<Pending<?>> take() {
    queueLock.lock();
    try {
      while (queue.isEmpty() && !closing) {
        queued.awaitUninterruptibly();
      }
      Deque<Pending<?>> taken = queue;
      queue = new ArrayDeque<>();
      return taken;
    } finally {
      queueLock.unlock();
    }
  }

  private void writeGroup(Deque<Pending<?>> waiting) {
    Draft draft = draft();
    List<Pending<?>> group = new ArrayList<>(waiting.size());
    while (!waiting.isEmpty() && draft.changedBytes() < GROUP_BYTES) {
      Pending<?> pending = waiting.remove();
      group.add(pending);
      pending.run(draft);
    }
    boolean appended = false;
    try {
      if (!draft.changes().isEmpty()) {
        end.append(draft.changes());
        appended = true;
      }
      publish(draft, group.size());
    } catch (RuntimeException | Error e) {
      if (!(e instanceof StoreException)) {
        log.error("a group of writes failed", e);
      }
      if (appended) {
        end.poison(e);
      } else {
        draft.discard();
      }
      group.forEach(pending -> pending.fail(e));
      return;
    }
    group.forEach(pending -> pending.answered.countDown());
  }

  private void maybeSnapshot() {
    long replaced = replacedBytes;
    if (replaced != 0) {
      end.replaced(replaced);
      replacedBytes = 0;
      nextSnapshotBytes = config().snapshotBytes();
    }
    State state = state();
    if (end.bytes() < Math.max(nextSnapshotBytes, state.keyBytes()) || snapshotRunning != null) {
      return;
    }
    long size = end.bytes();
    // After a failure, only try again when as much has been written again.
    nextSnapshotBytes = size + config().snapshotBytes();
    try {
      long number = end.rotate(state.revision());
      List<Change.LeaseGranted> leases = leases().grants();
      long lastLeaseId = leases().lastId();
      CountDownLatch done = new CountDownLatch(1);
      snapshotRunning = done;
      try {
        config()
            .executor()
            .execute(
                () -> {
                  try {
                    snapshot(number, state, leases, lastLeaseId, size);
                  } finally {
                    snapshotRunning = null;
                    done.countDown();
                  }
                });
      } catch (RejectedExecutionException e) {
        snapshotRunning = null;
        done.countDown();
        log.warn("no snapshot: the executor has been shut down");
      }
    } catch (IOException e) {
      log.warn("no snapshot: cannot begin a new log", e);
    }
  }

  private void snapshot(
      long number,
      State state,
      List<Change.LeaseGranted> leases,
      long lastLeaseId,
      long replacedLogBytes) {
    try {
      if (Snapshot.write(disk, number, state, leases, lastLeaseId, this::isClosed)) {
        replacedBytes = replacedLogBytes;
        DataFiles.deleteBefore(disk, number);
      }
    } catch (IOException e) {
      log.warn("no snapshot", e);
    }
  }

  private static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
