package io.jurumudi.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogStoreTest extends StoreContract {
  @TempDir Path directory = Path.of("");
  private int stores;

  @Override
  Store open(StoreConfig config) {
    return LogStore.open(directory.resolve("store" + stores++), config);
  }

  private Store openAgain(StoreConfig with) {
    store.close();
    store = LogStore.open(directory.resolve("store" + (stores - 1)), with);
    return store;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("store" + (stores - 1)))) {
      return files.sorted().toList();
    }
  }

  @Test
  void everythingIsThereAgain() {
    long lease = store.grantLease(Duration.ofHours(1));
    store.put("/a", bytes("1"));
    store.put("/a", bytes("2"));
    store.commit(Txn.of(Op.put("/b/ключ-🔑", bytes("x"), lease), Op.put("/c", new byte[0])));
    store.delete("/c");
    List<KeyValue> before = store.range(KeyRange.ALL, 0, 0).items();
    StoreStatistics statistics = store.statistics();

    openAgain(config);
    assertThat(store.range(KeyRange.ALL, 0, 0).items()).isEqualTo(before);
    assertThat(store.revision()).isEqualTo(5);
    assertThat(store.statistics().bytes()).isEqualTo(statistics.bytes());
    assertThat(store.lease(lease).orElseThrow().keys()).containsExactly("/b/ключ-🔑");
    assertThat(store.grantLease(Duration.ofHours(1))).isGreaterThan(lease);
    Recorder recorder = new Recorder();
    store.watch(KeyRange.ALL, 2, recorder);
    await("history survives", () -> recorder.events().size() == 5);
    store.revokeLease(lease);
    assertThat(openAgain(config).get("/b/ключ-🔑")).isEmpty();
  }

  @Test
  void snapshotsReplaceLogs() throws Exception {
    StoreConfig small = config.withSnapshotBytes(100_000);
    store.close();
    store = open(small);
    long lease = store.grantLease(Duration.ofHours(1));
    store.commit(Txn.of(Op.put("/leased", bytes("1"), lease)));
    for (int i = 0; i < 3000; i++) {
      store.put("/k/" + i % 100, new byte[1000]);
    }
    await(
        "old logs are deleted",
        () -> {
          try {
            return files().stream().mapToLong(file -> file.toFile().length()).sum() < 500_000;
          } catch (IOException e) {
            return false;
          }
        });
    List<KeyValue> before = store.range(KeyRange.ALL, 0, 0).items();
    assertThat(before).hasSize(101);
    long revision = store.revision();
    openAgain(small);
    assertThat(store.range(KeyRange.ALL, 0, 0).items()).isEqualTo(before);
    assertThat(store.revision()).isEqualTo(revision);
    assertThat(store.lease(lease).orElseThrow().keys()).containsExactly("/leased");
    assertThat(files()).hasSizeLessThanOrEqualTo(4); // LOCK, a snapshot, a log or two
    refused(Reason.COMPACTED, () -> store.range(KeyRange.ALL, 2, 0));
    store.put("/more", bytes("1"));
    assertThat(openAgain(small).revision()).isEqualTo(revision + 1);
  }

  @Test
  void aDirectoryHasOneStore() {
    store.put("/a", bytes("1"));
    assertThatThrownBy(() -> LogStore.open(directory.resolve("store0"), config))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LOCKED))
        .hasMessageContaining("in use by this process");
    store.put("/a", bytes("2"));
    assertThat(openAgain(config).get("/a")).isPresent();
  }

  @Test
  void aPlaceThatIsNoDirectoryIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "precious");
    refused(Reason.UNAVAILABLE, () -> LogStore.open(file, config));
    refused(Reason.UNAVAILABLE, () -> LogStore.open(file.resolve("below"), config));
    assertThat(file).hasContent("precious");
  }

  @Test
  void aMissingSnapshotIsRefusedNotGuessedAt() throws Exception {
    StoreConfig small = config.withSnapshotBytes(10_000);
    store.close();
    store = open(small);
    Path place = directory.resolve("store" + (stores - 1));
    for (int i = 0; i < 100; i++) {
      store.put("/k/" + i % 10, new byte[1000]);
      if (files().stream().anyMatch(file -> file.toString().contains("snapshot-"))) {
        break;
      }
    }
    store.put("/k/last", bytes("1"));
    long revision = store.revision();
    store.close();
    Path snapshot =
        files().stream()
            .filter(file -> file.toString().matches(".*snapshot-\\d+"))
            .findAny()
            .orElseThrow();
    Path aside = Files.move(snapshot, directory.resolve("aside"));
    List<Path> rest = files();
    refused(Reason.CORRUPT, () -> LogStore.open(place, small));
    assertThat(files()).isEqualTo(rest);
    Files.move(aside, snapshot);
    store = LogStore.open(place, small);
    assertThat(store.revision()).isEqualTo(revision);
  }
}
