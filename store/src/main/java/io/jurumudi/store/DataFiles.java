package io.jurumudi.store;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The names of a data directory's files. {@code log-N} holds changes; {@code snapshot-N} holds the
 * state at the beginning of {@code log-N}, so that the logs before it are of no more use.
 */
final class DataFiles {
  static final String LOG_MAGIC = "JURULOG1";
  static final String SNAPSHOT_MAGIC = "JURUSNP1";
  static final String TEMPORARY = ".tmp";

  private static final String LOG = "log-";
  private static final String SNAPSHOT = "snapshot-";

  private DataFiles() {}

  static String log(long number) {
    return String.format(Locale.ROOT, "%s%010d", LOG, number);
  }

  static String snapshot(long number) {
    return String.format(Locale.ROOT, "%s%010d", SNAPSHOT, number);
  }

  static NavigableSet<Long> logs(List<String> names) {
    return numbers(names, LOG);
  }

  static NavigableSet<Long> snapshots(List<String> names) {
    return numbers(names, SNAPSHOT);
  }

  /** Deletes logs and snapshots older than {@code number}. */
  static void deleteBefore(Disk disk, long number) throws IOException {
    List<String> names = disk.list();
    for (long log : logs(names).headSet(number)) {
      disk.delete(log(log));
    }
    for (long snapshot : snapshots(names).headSet(number)) {
      disk.delete(snapshot(snapshot));
    }
  }

  private static NavigableSet<Long> numbers(List<String> names, String prefix) {
    NavigableSet<Long> numbers = new TreeSet<>();
    for (String name : names) {
      if (name.startsWith(prefix) && name.substring(prefix.length()).matches("[0-9]{10}")) {
        numbers.add(Long.valueOf(name.substring(prefix.length())));
      }
    }
    return numbers;
  }
}
