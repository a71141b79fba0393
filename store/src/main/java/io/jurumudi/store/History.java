package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest state and the transactions that led to it, as far back as the limits allow. Now and
 * then a transaction keeps the tree as it was after it; a read of the past starts at such a tree
 * and takes a few events back.
 *
 * <p>Owner: {@link EmbeddedStore}'s lock, under which every method is called.
 */
final class History {
  /** Events that a read of the past has to take back at most (save those of long transactions). */
  private static final int TREE_EVERY = 128;

  /**
   * What an event is taken to cost beside the value that it keeps from being forgotten: the event,
   * its versions, and its part of the trees that are kept. An estimate.
   */
  private static final int EVENT_OVERHEAD = 400;

  private record Entry(List<Event> events, long bytes, @Nullable KeyTree tree) {}

  private final int maxRevisions;
  private final long maxBytes;
  private @Nullable Entry[] ring = new @Nullable Entry[64];
  private KeyTree newestTree;
  private long newest;

  /** Entries are there for the revisions after this one, which is the oldest that can be read. */
  private long floor;

  private long bytes;

  /** The last revision whose tree was kept. */
  private long lastKept;

  History(KeyTree tree, long revision, int maxRevisions, long maxBytes) {
    this.newestTree = tree;
    this.newest = revision;
    this.floor = revision;
    this.lastKept = revision;
    this.maxRevisions = maxRevisions;
    this.maxBytes = maxBytes;
  }

  long floor() {
    return floor;
  }

  /**
   * Adds the next revision.
   *
   * @param after the tree as the revision left it; null where that is not to be had, since it was
   *     made together with later ones
   */
  void add(Change.Transaction transaction, @Nullable KeyTree after) {
    if (newest - floor == ring.length) {
      grow();
    }
    newest = transaction.revision();
    if (after != null) {
      newestTree = after;
    }
    long size = 0;
    for (Event event : transaction.events()) {
      KeyValue previous = event.previous();
      size += EVENT_OVERHEAD + (previous == null ? 0 : previous.value().length);
    }
    bytes += size;
    KeyTree kept = after != null && newest - lastKept >= TREE_EVERY ? after : null;
    if (kept != null) {
      lastKept = newest;
    }
    ring[slot(newest)] = new Entry(transaction.events(), size, kept);
    while (newest - floor > 1 && (newest - floor > maxRevisions || bytes > maxBytes)) {
      forgetOldest();
    }
  }

  void compact(long revision) {
    if (revision > newest) {
      throw future(revision);
    }
    while (floor < revision) {
      forgetOldest();
    }
  }

  /** The state at a revision. */
  KeyTree treeAt(long revision) {
    if (revision < floor) {
      throw compacted(revision, floor);
    }
    if (revision > newest) {
      throw future(revision);
    }
    long from = revision;
    while (from < newest && (from == floor || entry(from).tree() == null)) {
      from++;
    }
    KeyTree kept = from == newest ? null : entry(from).tree();
    KeyTree tree = kept == null ? newestTree : kept;
    for (long undo = from; undo > revision; undo--) {
      for (Event event : entry(undo).events()) {
        KeyValue previous = event.previous();
        tree = previous == null ? tree.remove(event.key()) : tree.put(previous);
      }
    }
    return tree;
  }

  /** Calls the visitor with the events of each revision from {@code first} on, in order. */
  void forEachFrom(long first, Consumer<List<Event>> visitor) {
    if (first <= floor) {
      throw compacted(first, floor);
    }
    for (long revision = first; revision <= newest; revision++) {
      visitor.accept(entry(revision).events());
    }
  }

  private void forgetOldest() {
    floor++;
    bytes -= entry(floor).bytes();
    ring[slot(floor)] = null;
  }

  private Entry entry(long revision) {
    Entry entry = ring[slot(revision)];
    if (entry == null) {
      throw new IllegalStateException("history has no revision " + revision);
    }
    return entry;
  }

  private int slot(long revision) {
    return (int) (revision & (ring.length - 1));
  }

  private void grow() {
    @Nullable Entry[] old = ring;
    ring = new @Nullable Entry[old.length * 2];
    for (long revision = floor + 1; revision <= newest; revision++) {
      ring[slot(revision)] = old[(int) (revision & (old.length - 1))];
    }
  }

  private static StoreException compacted(long revision, long floor) {
    return new StoreException(
        Reason.COMPACTED,
        floor,
        "revision " + revision + " has been compacted; the oldest that can be read is " + floor);
  }

  private StoreException future(long revision) {
    return new StoreException(
        Reason.FUTURE_REVISION,
        newest,
        "revision " + revision + " is in the future; the newest is " + newest);
  }
}
