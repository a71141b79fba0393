package io.jurumudi.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Writes a state as {@code snapshot-N}: complete and durable, or not at all. */
final class Snapshot {
  private static final int FRAME = 256 << 10;

  private Snapshot() {}

  /**
   * @param number of the log that begins with this state
   * @param cancelled asked now and then; when true the snapshot is given up
   * @return false where it was given up
   */
  static boolean write(
      Disk disk,
      long number,
      EmbeddedStore.State state,
      List<Change.LeaseGranted> leases,
      long lastLeaseId,
      BooleanSupplier cancelled)
      throws IOException {
    String name = DataFiles.snapshot(number);
    String temporary = name + DataFiles.TEMPORARY;
    disk.delete(temporary);
    boolean complete = false;
    try {
      try (Disk.File file = disk.create(temporary)) {
        Frames frames = Frames.create(file, DataFiles.SNAPSHOT_MAGIC, state.revision());
        complete = write(frames, state, leases, lastLeaseId, cancelled);
        if (complete) {
          file.sync();
        }
      }
    } finally {
      if (!complete) {
        disk.delete(temporary);
      }
    }
    if (complete) {
      disk.rename(temporary, name);
      disk.syncDirectory();
    }
    return complete;
  }

  private static boolean write(
      Frames frames,
      EmbeddedStore.State state,
      List<Change.LeaseGranted> leases,
      long lastLeaseId,
      BooleanSupplier cancelled)
      throws IOException {
    Encoder encoder = new Encoder(FRAME + (16 << 10));
    encoder.reset(Frames.FRAME_HEADER, Integer.MAX_VALUE);
    for (Change.LeaseGranted lease : leases) {
      Records.write(encoder, lease);
      flush(frames, encoder, FRAME);
    }
    KeyRange rest = KeyRange.ALL;
    KeyTree tree = state.tree();
    for (int written = 0; written < tree.size(); ) {
      // In pieces, so that an exception of the disk need not pass through the tree's visitor.
      List<KeyValue> piece = new ArrayList<>(256);
      tree.forEach(rest, 256, piece::add);
      for (KeyValue item : piece) {
        Records.write(encoder, item);
        flush(frames, encoder, FRAME);
      }
      written += piece.size();
      rest = rest.from(piece.getLast().key() + '\0');
      if (cancelled.getAsBoolean()) {
        return false;
      }
    }
    Records.write(encoder, new Records.End(tree.size(), lastLeaseId));
    flush(frames, encoder, 0);
    return true;
  }

  private static void flush(Frames frames, Encoder encoder, int threshold) throws IOException {
    if (encoder.length() > threshold) {
      frames.append(encoder);
      encoder.reset(Frames.FRAME_HEADER, FRAME + (16 << 10));
    }
  }
}
