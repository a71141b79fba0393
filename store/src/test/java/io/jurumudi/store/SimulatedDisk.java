package io.jurumudi.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A directory that remembers what was synced. After a chosen number of system calls the power goes:
 * the call under way happens in part, all later ones fail, and {@link #afterPowerLoss} is what a
 * machine might find then: what was synced, and of the rest any part, sector by sector; directory
 * changes up to any point, in order.
 */
final class SimulatedDisk implements Disk {
  private static final int SECTOR = 64;

  /** A file's content in memory, on the platter, and the writes that lie between. */
  private static final class Content {
    byte[] now = {};
    byte[] durable = {};
    final List<Write> unsynced = new ArrayList<>();
  }

  /** A write, or (without bytes) a cut. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Write(long position, byte @Nullable [] bytes) {}

  private Map<String, Content> names = new LinkedHashMap<>();
  private final List<Map<String, Content>> unsyncedNames = new ArrayList<>();
  private Map<String, Content> durableNames = new LinkedHashMap<>();
  private final Random random;
  private int callsUntilPowerLoss = Integer.MAX_VALUE;
  private int calls;
  private boolean powerless;
  private boolean syncFails;
  private long room = Long.MAX_VALUE;

  SimulatedDisk(Random random) {
    this.random = random;
  }

  synchronized void losePowerAfter(int count) {
    callsUntilPowerLoss = count;
  }

  /** From now on, files together hold this many bytes at most. */
  synchronized void limitRoom(long bytes) {
    room = bytes;
  }

  synchronized void failSyncs(boolean fail) {
    syncFails = fail;
  }

  /** System calls so far. */
  synchronized int calls() {
    return calls;
  }

  synchronized boolean isPowerless() {
    return powerless;
  }

  synchronized long used() {
    return names.values().stream().mapToLong(content -> content.now.length).sum();
  }

  /** What the machine finds when the power is back. */
  synchronized SimulatedDisk afterPowerLoss() {
    SimulatedDisk next = new SimulatedDisk(random);
    int kept = random.nextInt(unsyncedNames.size() + 1);
    Map<String, Content> found = kept == 0 ? durableNames : unsyncedNames.get(kept - 1);
    found.forEach(
        (name, content) -> {
          Content survivor = new Content();
          byte[] bytes = content.durable;
          for (Write write : content.unsynced) {
            bytes = applyInPart(bytes, write);
          }
          survivor.now = bytes;
          survivor.durable = bytes;
          next.names.put(name, survivor);
        });
    next.durableNames = new LinkedHashMap<>(next.names);
    return next;
  }

  /** A disk with the same files, each as it now is, to be damaged by a test. */
  synchronized SimulatedDisk copy() {
    SimulatedDisk next = new SimulatedDisk(random);
    names.forEach((name, content) -> next.put(name, content.now.clone()));
    return next;
  }

  synchronized byte[] bytes(String name) {
    return content(name).now;
  }

  synchronized void put(String name, byte[] bytes) {
    Content content = new Content();
    content.now = bytes;
    content.durable = bytes;
    names.put(name, content);
    durableNames.put(name, content);
  }

  private Content content(String name) {
    Content content = names.get(name);
    if (content == null) {
      throw new IllegalStateException("no file " + name);
    }
    return content;
  }

  private byte[] applyInPart(byte[] to, Write write) {
    byte[] written = write.bytes();
    switch (random.nextInt(4)) {
      case 0 -> {
        return to;
      }
      case 1 -> {
        return apply(to, write);
      }
      default -> {
        if (written == null) {
          return random.nextBoolean() ? to : apply(to, write);
        }
        // Some sectors arrive, and the file may be longer than what arrived (zeros).
        byte[] result = to;
        for (int from = 0; from < written.length; from += SECTOR) {
          if (random.nextBoolean()) {
            byte[] sector =
                Arrays.copyOfRange(written, from, Math.min(written.length, from + SECTOR));
            result = apply(result, new Write(write.position() + from, sector));
          }
        }
        return result;
      }
    }
  }

  private static byte[] apply(byte[] to, Write write) {
    byte[] written = write.bytes();
    if (written == null) {
      return Arrays.copyOf(to, (int) Math.min(to.length, write.position()));
    }
    int end = (int) write.position() + written.length;
    byte[] result = Arrays.copyOf(to, Math.max(to.length, end));
    System.arraycopy(written, 0, result, (int) write.position(), written.length);
    return result;
  }

  /** Counts a call; false where it is the one during which the power goes. */
  private boolean call() throws IOException {
    if (powerless) {
      throw new IOException("no power");
    }
    if (calls++ >= callsUntilPowerLoss) {
      powerless = true;
      return false;
    }
    return true;
  }

  private void changeNames(Runnable change) throws IOException {
    boolean power = call();
    if (power || random.nextBoolean()) {
      names = new LinkedHashMap<>(names);
      change.run();
      unsyncedNames.add(names);
    }
    if (!power) {
      throw new IOException("no power");
    }
  }

  @Override
  public synchronized List<String> list() throws IOException {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized File create(String name) throws IOException {
    if (names.containsKey(name)) {
      throw new IOException(name + " exists");
    }
    changeNames(() -> names.put(name, new Content()));
    return new SimulatedFile(content(name));
  }

  @Override
  public synchronized File open(String name) throws IOException {
    Content content = names.get(name);
    if (content == null) {
      throw new IOException("no such file");
    }
    return new SimulatedFile(content);
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    if (names.containsKey(name)) {
      changeNames(() -> names.remove(name));
    }
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    Content content = content(from);
    changeNames(
        () -> {
          names.remove(from);
          names.put(to, content);
        });
  }

  @Override
  public synchronized void syncDirectory() throws IOException {
    if (!call()) {
      throw new IOException("no power");
    }
    durableNames = names;
    unsyncedNames.clear();
  }

  @Override
  public void close() {}

  private final class SimulatedFile implements File {
    private final Content content;

    SimulatedFile(Content content) {
      this.content = content;
    }

    @Override
    public long size() {
      synchronized (SimulatedDisk.this) {
        return content.now.length;
      }
    }

    @Override
    public int read(ByteBuffer into, long position) {
      synchronized (SimulatedDisk.this) {
        int length = (int) Math.min(into.remaining(), content.now.length - position);
        into.put(content.now, (int) position, Math.max(0, length));
        return Math.max(0, length);
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        boolean power = call();
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        long free = room - used();
        long growth = position + bytes.length - content.now.length;
        boolean full = growth > free;
        if (full || !power) {
          int fits = full ? (int) Math.max(0, bytes.length - growth + free) : bytes.length;
          bytes = Arrays.copyOf(bytes, power ? fits : random.nextInt(fits + 1));
        }
        Write write = new Write(position, bytes);
        content.now = apply(content.now, write);
        content.unsynced.add(write);
        if (!power) {
          throw new IOException("no power");
        }
        if (full) {
          throw new IOException("No space left on device");
        }
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimulatedDisk.this) {
        if (!call()) {
          throw new IOException("no power");
        }
        Write cut = new Write(size, null);
        content.now = apply(content.now, cut);
        content.unsynced.add(cut);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (SimulatedDisk.this) {
        if (!call()) {
          throw new IOException("no power");
        }
        if (syncFails) {
          throw new IOException("Input/output error");
        }
        content.durable = content.now;
        content.unsynced.clear();
      }
    }

    @Override
    public void close() {}
  }
}
