package io.jurumudi.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.ConfigMap;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ObjectCacheTest {
  private final ObjectCache<ConfigMap> cache = new ObjectCache<>();
  private final List<String> heard = new ArrayList<>();

  private static ConfigMap map(String name, String version, String... keys) {
    Map<String, String> data = new java.util.TreeMap<>();
    for (String key : keys) {
      data.put(key, "x");
    }
    return ConfigMap.builder()
        .metadata(m -> m.namespace("n").name(name).resourceVersion(version))
        .data(data)
        .build();
  }

  private void listen() {
    cache.addHandler(
        new EventHandler<>() {
          @Override
          public void onAdd(ConfigMap object) {
            heard.add("+" + object.metadata().name());
          }

          @Override
          public void onUpdate(ConfigMap before, ConfigMap after) {
            heard.add("~" + after.metadata().name());
          }

          @Override
          public void onDelete(ConfigMap object) {
            heard.add("-" + object.metadata().name());
          }
        });
  }

  @Test
  void followsListsAndEvents() {
    listen();
    assertThat(cache.hasSynced()).isFalse();
    cache.replace(List.of(map("a", "1"), map("b", "2")), "9");
    assertThat(cache.hasSynced()).isTrue();
    cache.put(map("a", "3"));
    cache.put(map("c", "4"));
    cache.delete(map("b", "5"));
    cache.delete(map("b", "5"));
    assertThat(heard).containsExactly("+a", "+b", "~a", "+c", "-b");
    heard.clear();
    // After a new list: what is the same is not news, what is gone is told.
    cache.replace(List.of(map("a", "3"), map("d", "6")), "9");
    assertThat(heard).containsExactly("-c", "+d");
    assertThat(cache.get("n", "a")).contains(map("a", "3"));
    assertThat(cache.list("other")).isEmpty();
  }

  @Test
  void whoIsToldOfAListSeesAllOfItAndItsVersion() {
    cache.put(map("gone", "1"));
    List<String> seen = new ArrayList<>();
    cache.addHandler(
        EventHandler.of(object -> seen.add(cache.resourceVersion() + ":" + cache.list().size())));
    cache.replace(List.of(map("a", "3"), map("b", "4")), "9");
    assertThat(seen).containsExactly("1:1", "9:2", "9:2", "9:2");
  }

  @Test
  void workersWaitForWhatTheyNeed() throws Exception {
    BlockingQueue<Boolean> synced = new LinkedBlockingQueue<>();
    try (Controller<String> controller =
        new Controller<>(
            "test",
            key -> {
              synced.add(cache.hasSynced());
              return Result.done();
            },
            2,
            Clock.systemUTC())) {
      controller.enqueue("a");
      controller.start(cache);
      cache.replace(List.of(), "9");
      assertThat(synced.poll(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void indexesFollow() {
    cache.replace(List.of(map("a", "1", "x", "y")), "9");
    cache.addIndex("key", object -> object.data().keySet());
    cache.put(map("b", "2", "y"));
    assertThat(cache.byIndex("key", "y")).hasSize(2);
    cache.put(map("a", "3", "x"));
    assertThat(cache.byIndex("key", "y")).containsExactly(map("b", "2", "y"));
    assertThat(cache.byIndex("key", "x")).containsExactly(map("a", "3", "x"));
    cache.delete(map("a", "3"));
    assertThat(cache.byIndex("key", "x")).isEmpty();
  }

  @Test
  void aLateHandlerHearsOfAllAndABadOneHarmsNobody() {
    cache.addHandler(
        EventHandler.of(
            object -> {
              throw new IllegalStateException("a handler that fails, for this test");
            }));
    cache.replace(List.of(map("a", "1")), "9");
    listen();
    assertThat(heard).containsExactly("+a");
    cache.put(map("a", "2"));
    assertThat(heard).containsExactly("+a", "~a");
  }
}
