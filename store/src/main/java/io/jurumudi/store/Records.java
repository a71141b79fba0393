package io.jurumudi.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How changes (in logs) and items (in snapshots) are written into frames, and read back. */
final class Records {
  private static final int TRANSACTION = 1;
  private static final int LEASE_GRANTED = 2;
  private static final int LEASE_REVOKED = 3;
  private static final int ITEM = 4;
  private static final int END = 5;

  private static final int PUT = 1;
  private static final int DELETE = 2;

  private Records() {}

  /** A snapshot's last record. */
  record End(long items, long lastLeaseId) {}

  static void write(Encoder out, Change change) {
    switch (change) {
      case Change.Transaction transaction -> {
        out.tag(TRANSACTION);
        out.number(transaction.revision());
        out.number(transaction.events().size());
        for (Event event : transaction.events()) {
          if (event.type() == Event.Type.PUT) {
            out.tag(PUT);
            out.text(event.key());
            out.number(event.current().lease());
            out.bytes(event.current().value());
          } else {
            out.tag(DELETE);
            out.text(event.key());
          }
        }
      }
      case Change.LeaseGranted granted -> {
        out.tag(LEASE_GRANTED);
        out.number(granted.id());
        out.number(granted.timeToLiveMillis());
      }
      case Change.LeaseRevoked revoked -> {
        out.tag(LEASE_REVOKED);
        out.number(revoked.id());
      }
    }
  }

  static void write(Encoder out, KeyValue item) {
    out.tag(ITEM);
    out.text(item.key());
    out.number(item.createRevision());
    out.number(item.modRevision());
    out.number(item.version());
    out.number(item.lease());
    out.bytes(item.value());
  }

  static void write(Encoder out, End end) {
    out.tag(END);
    out.number(end.items());
    out.number(end.lastLeaseId());
  }

  /**
   * Reads the next record: a {@link Change}, a {@link KeyValue} or an {@link End}. Versions that a
   * transaction leaves behind are completed from the present ones.
   */
  static Object read(Decoder in, Function<String, @Nullable KeyValue> present) {
    int tag = in.tag();
    return switch (tag) {
      case TRANSACTION -> transaction(in, present);
      case LEASE_GRANTED -> new Change.LeaseGranted(in.number(), in.number());
      case LEASE_REVOKED -> new Change.LeaseRevoked(in.number());
      case ITEM -> {
        String key = in.text();
        long create = in.number();
        long mod = in.number();
        long version = in.number();
        long lease = in.number();
        yield new KeyValue(key, in.bytes(), create, mod, version, lease);
      }
      case END -> new End(in.number(), in.number());
      default -> throw new IllegalStateException("unknown record " + tag);
    };
  }

  private static Change.Transaction transaction(
      Decoder in, Function<String, @Nullable KeyValue> present) {
    long revision = in.number();
    int count = (int) in.number();
    List<Event> events = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      int type = in.tag();
      String text = in.text();
      KeyValue previous = present.apply(text);
      String key = previous == null ? text : previous.key();
      if (type == PUT) {
        long lease = in.number();
        long create = previous == null ? revision : previous.createRevision();
        long version = previous == null ? 1 : previous.version() + 1;
        events.add(
            new Event(
                Event.Type.PUT,
                new KeyValue(key, in.bytes(), create, revision, version, lease),
                previous));
      } else if (previous == null) {
        throw new IllegalStateException("a deletion of a key that is absent: " + key);
      } else {
        events.add(new Event(Event.Type.DELETE, KeyValue.tombstone(key, revision), previous));
      }
    }
    return new Change.Transaction(revision, List.copyOf(events));
  }
}
