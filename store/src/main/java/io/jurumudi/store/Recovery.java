package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the state back from a data directory: the newest snapshot, then the logs from its number
 * on. A crash can leave behind a half-written last frame, an empty last log or a temporary file;
 * these are cleared away. Anything else that is wrong is not a crash's doing, and is refused
 * untouched rather than guessed at.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Disk disk;
  private final StoreConfig config;
  private final long nowMillis;
  private final Leases leases = new Leases();
  private KeyTree tree = KeyTree.EMPTY;
  private long revision = 1;
  private long keyBytes;
  private History history;
  private long logBytes;

  private Recovery(Disk disk, StoreConfig config) {
    this.disk = disk;
    this.config = config;
    this.nowMillis = config.clock().millis();
    this.history = newHistory();
  }

  /** A recovered store's parts. */
  record Result(EmbeddedStore.Recovered recovered, Log log) {}

  /**
   * @throws StoreException CORRUPT, or UNAVAILABLE when the disk refuses
   */
  static Result recover(Disk disk, StoreConfig config) {
    Recovery recovery = new Recovery(disk, config);
    try {
      Log end = recovery.run();
      return new Result(
          new EmbeddedStore.Recovered(
              new EmbeddedStore.State(recovery.tree, recovery.revision, recovery.keyBytes),
              recovery.history,
              recovery.leases),
          end);
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          0,
          "the data directory cannot be read or written: " + DirectoryDisk.describe(e),
          e);
    }
  }

  private Log run() throws IOException {
    List<String> names = disk.list();
    NavigableSet<Long> snapshots = DataFiles.snapshots(names);
    NavigableSet<Long> logs = DataFiles.logs(names);
    long first = snapshots.isEmpty() ? 1 : snapshots.last();
    if (!snapshots.isEmpty()) {
      loadSnapshot(first);
    }
    logs = new TreeSet<>(logs.tailSet(first, true));
    if (logs.isEmpty() && !snapshots.isEmpty()) {
      throw corrupt(DataFiles.log(first), "it is missing");
    }
    if (!logs.isEmpty() && logs.last() - first + 1 != logs.size()) {
      throw corrupt("the data directory", "a log or a snapshot is missing from it");
    }
    Log end = replayLogs(first, logs, !snapshots.isEmpty());
    for (String name : names) {
      if (name.endsWith(DataFiles.TEMPORARY)) {
        disk.delete(name);
      }
    }
    DataFiles.deleteBefore(disk, first);
    return end;
  }

  private void loadSnapshot(long number) throws IOException {
    String name = DataFiles.snapshot(number);
    long items = 0;
    Records.End end = null;
    try (Disk.File file = disk.open(name)) {
      Frames frames = Frames.open(file, DataFiles.SNAPSHOT_MAGIC);
      revision = frames.number();
      for (byte[] payload = frames.next(); payload != null; payload = frames.next()) {
        Decoder in = new Decoder(payload);
        while (!in.atEnd()) {
          switch (Records.read(in, tree::get)) {
            case KeyValue item -> {
              tree = tree.put(item);
              keyBytes += item.key().length() + (long) item.value().length;
              leases.attach(item.lease(), item.key());
              items++;
            }
            case Change.LeaseGranted granted -> leases.apply(granted, nowMillis);
            case Records.End last -> end = last;
            default -> throw new IllegalStateException("a snapshot holds a record of a log");
          }
        }
      }
    } catch (Frames.DamagedException | IllegalStateException e) {
      throw corrupt(name, e.getMessage());
    }
    if (end == null || end.items() != items) {
      throw corrupt(name, "it is incomplete");
    }
    leases.restoreLastId(end.lastLeaseId());
    history = newHistory();
  }

  private Log replayLogs(long first, NavigableSet<Long> logs, boolean afterSnapshot)
      throws IOException {
    long last = lastWithFrames(logs);
    if (last == 0 && afterSnapshot) {
      // The log that belongs to the snapshot stays, so that at no time one is without the other.
      last = first;
    }
    Frames frames = null;
    for (long number : logs.headSet(last, true)) {
      Disk.File file = disk.open(DataFiles.log(number));
      boolean keep = false;
      try {
        frames = replay(file, number, number == last);
        logBytes += frames.position();
        keep = number == last;
      } finally {
        if (!keep) {
          file.close();
        }
      }
    }
    // Logs after the last frame are leftovers of a beginning that nothing was written to.
    for (long empty : logs.tailSet(last, false).descendingSet()) {
      disk.delete(DataFiles.log(empty));
    }
    if (frames == null) {
      return new Log(disk, Log.create(disk, first, revision), first, 0);
    }
    return new Log(disk, frames, last, logBytes);
  }

  /** The last log that has more than a header; 0 when none has, whose headers then do not count. */
  private long lastWithFrames(NavigableSet<Long> logs) throws IOException {
    for (long number : logs.descendingSet()) {
      try (Disk.File file = disk.open(DataFiles.log(number))) {
        if (file.size() > Frames.HEADER) {
          return number;
        }
      }
    }
    return 0;
  }

  private Frames replay(Disk.File file, long number, boolean last) throws IOException {
    String name = DataFiles.log(number);
    Frames frames;
    try {
      frames = Frames.open(file, DataFiles.LOG_MAGIC);
    } catch (Frames.DamagedException e) {
      throw corrupt(name, e.getMessage());
    }
    if (frames.number() != revision) {
      throw corrupt(name, "it begins at revision " + frames.number() + " instead of " + revision);
    }
    try {
      for (byte[] payload = frames.next(); payload != null; payload = frames.next()) {
        apply(name, payload);
      }
    } catch (Frames.DamagedException e) {
      if (!last || frames.goodFrameFollows()) {
        throw corrupt(name, "a frame at byte " + frames.position() + " is damaged");
      }
      log.warn(
          "cut off a half-written write file={} at={} bytes={}",
          name,
          frames.position(),
          file.size() - frames.position());
      file.truncate(frames.position());
    }
    if (last) {
      // What the last process wrote may still be in the kernel's memory only.
      file.sync();
    }
    return frames;
  }

  private void apply(String name, byte[] payload) {
    try {
      Decoder in = new Decoder(payload);
      while (!in.atEnd()) {
        if (!(Records.read(in, tree::get) instanceof Change change)) {
          throw new IllegalStateException("a log holds a record of a snapshot");
        }
        if (change instanceof Change.Transaction transaction) {
          apply(transaction);
        }
        leases.apply(change, nowMillis);
      }
    } catch (IllegalStateException e) {
      throw corrupt(name, e.getMessage());
    }
  }

  private void apply(Change.Transaction transaction) {
    if (transaction.revision() != revision + 1) {
      throw new IllegalStateException(
          "revision " + transaction.revision() + " follows revision " + revision);
    }
    for (Event event : transaction.events()) {
      KeyValue previous = event.previous();
      if (previous != null) {
        keyBytes -= event.key().length() + (long) previous.value().length;
      }
      if (event.type() == Event.Type.PUT) {
        keyBytes += event.key().length() + (long) event.current().value().length;
        tree = tree.put(event.current());
      } else {
        tree = tree.remove(event.key());
      }
    }
    revision = transaction.revision();
    history.add(transaction, tree);
  }

  private History newHistory() {
    return new History(tree, revision, config.historyRevisions(), config.historyBytes());
  }

  private static StoreException corrupt(String what, @Nullable String how) {
    return new StoreException(
        Reason.CORRUPT,
        what
            + " is not as the store left it: "
            + how
            + "; nothing was changed. Restore the directory from a backup, or move it away to"
            + " begin anew");
  }
}
