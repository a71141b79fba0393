package io.jurumudi.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The tree beside a TreeMap, large enough for three levels, growing and shrinking. */
final class KeyTreeTest {
  private static final int KEYS = 20_000;
  private static final byte[] NO_VALUE = {};

  private final TreeMap<String, KeyValue> model = new TreeMap<>();
  private KeyTree tree = KeyTree.EMPTY;
  private long revision = 1;

  private void put(String key) {
    KeyValue item = new KeyValue(key, NO_VALUE, 1, ++revision, 1, 0);
    tree = tree.put(item);
    model.put(key, item);
  }

  private void remove(String key) {
    tree = tree.remove(key);
    model.remove(key);
  }

  private static String key(int number) {
    return "/registry/" + Integer.toString(number, 36);
  }

  private static List<KeyValue> items(KeyTree tree, KeyRange range, int limit) {
    List<KeyValue> items = new ArrayList<>();
    tree.forEach(range, limit, items::add);
    return items;
  }

  private void check(Random random) {
    assertThat(tree.size()).isEqualTo(model.size());
    assertThat(items(tree, KeyRange.ALL, 0)).containsExactlyElementsOf(model.values());
    for (int i = 0; i < 200; i++) {
      String from = key(random.nextInt(KEYS));
      String to = key(random.nextInt(KEYS));
      KeyRange range = new KeyRange(from, to);
      Collection<KeyValue> expected =
          from.compareTo(to) < 0 ? model.subMap(from, to).values() : List.of();
      assertThat(tree.count(range)).isEqualTo(expected.size());
      int limit = 1 + random.nextInt(100);
      assertThat(items(tree, range, limit))
          .containsExactlyElementsOf(expected.stream().limit(limit).toList());
      assertThat(tree.get(from)).isEqualTo(model.get(from));
    }
  }

  @Test
  void behavesAsATreeMapAtAnySize() {
    Random random = new Random(11);
    for (int phase = 0; phase < 6; phase++) {
      boolean growing = phase % 2 == 0;
      KeyTree before = tree;
      List<KeyValue> contents = items(before, KeyRange.ALL, 0);
      for (int i = 0; i < 2 * KEYS; i++) {
        String key = key(random.nextInt(KEYS));
        if (random.nextInt(10) < (growing ? 8 : 1)) {
          put(key);
        } else {
          remove(key);
        }
      }
      check(random);
      assertThat(items(before, KeyRange.ALL, 0)).as("what was does not change").isEqualTo(contents);
    }
    List.copyOf(model.keySet()).forEach(this::remove);
    check(random);
    assertThat(tree.count(KeyRange.ALL)).isZero();
  }

  @Test
  void risingAndFallingKeysAreTakenToo() {
    Random random = new Random(12);
    for (int i = 0; i < KEYS; i++) {
      put("/up/%06d".formatted(i));
      put("/down/%06d".formatted(KEYS - i));
    }
    check(random);
    for (int i = 0; i < KEYS; i++) {
      remove("/up/%06d".formatted(i));
      remove("/down/%06d".formatted(i / 2));
    }
    check(random);
  }

  @Test
  void prefixesAreRanges() {
    assertThat(KeyRange.prefix("/a/")).isEqualTo(new KeyRange("/a/", "/a0"));
    assertThat(KeyRange.prefix("")).isEqualTo(KeyRange.ALL);
    assertThat(KeyRange.prefix("a\uffff")).isEqualTo(new KeyRange("a\uffff", "b"));
    assertThat(KeyRange.prefix("\uffff").end()).isEmpty();
    assertThat(KeyRange.prefix("/a/").contains("/a/\ud83d\udd11")).isTrue();
    assertThat(KeyRange.key("/a").contains("/a/b")).isFalse();
  }
}
