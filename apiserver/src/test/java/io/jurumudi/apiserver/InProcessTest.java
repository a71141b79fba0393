package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.verbs.WatchedEvent;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls of the same process, and many servers in one. */
final class InProcessTest {
  private static final UserInfo ADMIN = new UserInfo("admin", UserInfo.MASTERS);

  private static Answer call(
      ApiHandler handler, String verb, String name, Map<String, String> query) {
    return handler.call(
        new CallContext(ADMIN, "test"),
        ApiCall.of(
            verb, Resources.CONFIGMAPS, "default", name, "", Query.of(query), ApiCall.Body.NONE));
  }

  private static ConfigMap create(ApiHandler handler, String name) {
    ConfigMap wanted =
        ConfigMap.builder().metadata(ObjectMeta.builder().name(name).build()).build();
    return (ConfigMap)
        handler
            .call(
                new CallContext(ADMIN, "test"),
                ApiCall.of(
                    "create",
                    Resources.CONFIGMAPS,
                    "default",
                    "",
                    "",
                    Query.EMPTY,
                    new ApiCall.Body.Typed(wanted)))
            .message();
  }

  @Test
  void readersAndWatchersShareOneObject() throws Exception {
    try (TestServer server = new TestServer(0)) {
      ApiHandler handler = server.server().handler();
      BlockingQueue<Object> watched = new LinkedBlockingQueue<>();
      handler.watch(
          new CallContext(ADMIN, "test"),
          ApiCall.of(
              "watch", Resources.CONFIGMAPS, "default", "", "", Query.EMPTY, ApiCall.Body.NONE),
          (of, event) -> {
            if (event instanceof WatchedEvent.Changed<?> changed) {
              watched.add(changed.object().object());
            }
          });
      ConfigMap created = create(handler, "a");
      Object seen = watched.poll(10, TimeUnit.SECONDS);
      assertThat(seen).isEqualTo(created);
      Object first = call(handler, "get", "a", Map.of()).message();
      assertThat(call(handler, "get", "a", Map.of()).message()).isSameAs(first);
      assertThat(call(handler, "list", "", Map.of()))
          .isInstanceOfSatisfying(
              Answer.Many.class, many -> assertThat(many.objects().getFirst()).isSameAs(first));
    }
  }

  @Test
  void whatIsTooLongAgoIsExpired() throws Exception {
    try (TestServer server = new TestServer(0, 20)) {
      ApiHandler handler = server.server().handler();
      create(handler, "a");
      create(handler, "b");
      Answer.Many<?, ?> page = (Answer.Many<?, ?>) call(handler, "list", "", Map.of("limit", "1"));
      for (int i = 0; i < 100; i++) {
        create(handler, "c" + i);
      }
      assertThatThrownBy(
              () ->
                  call(
                      handler,
                      "list",
                      "",
                      Map.of("limit", "1", "continue", page.metadata().continue_())))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.code()).isEqualTo(410);
                String rest = e.status().metadata().continue_();
                Answer.Many<?, ?> next =
                    (Answer.Many<?, ?>)
                        call(handler, "list", "", Map.of("limit", "2", "continue", rest));
                assertThat(next.items())
                    .as("what comes behind the first page, as it is now")
                    .extracting(item -> item.object().metadata().name())
                    .containsExactly("b", "c0");
              });
      BlockingQueue<WatchedEvent<?>> events = new LinkedBlockingQueue<>();
      handler.watch(
          new CallContext(ADMIN, "test"),
          ApiCall.of(
              "watch",
              Resources.CONFIGMAPS,
              "default",
              "",
              "",
              Query.of(Map.of("resourceVersion", page.metadata().resourceVersion())),
              ApiCall.Body.NONE),
          (of, event) -> events.add(event));
      assertThat(events.poll(10, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              WatchedEvent.Ended.class,
              ended -> {
                ApiException error = ended.error();
                assertThat(error == null ? 0 : error.code()).isEqualTo(410);
              });
    }
  }

  @Test
  void twentyServersLiveSideBySide() throws IOException, InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    List<TestServer> servers = new ArrayList<>();
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      TestServer server = new TestServer(0);
      servers.add(server);
      ports.add(server.server().address().getPort());
      create(server.server().handler(), "only" + i);
    }
    assertThat(ports).hasSize(20);
    for (int i = 0; i < 20; i++) {
      Answer list = call(servers.get(i).server().handler(), "list", "", Map.of());
      assertThat(((Answer.Many<?, ?>) list).items()).hasSize(1);
    }
    servers.forEach(TestServer::close);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Set<Thread> left = left(before);
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      left.iterator().next().join(100);
      left = left(before);
    }
    assertThat(left).as("threads that outlive their servers").isEmpty();
  }

  private static Set<Thread> left(Set<Thread> before) {
    Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
    left.removeAll(before);
    left.removeIf(
        t ->
            !t.isAlive()
                || t.getName().startsWith("VirtualThread")
                || t.getName().startsWith("ForkJoinPool")
                || t.getName().startsWith("globalEventExecutor"));
    return left;
  }
}
