package io.jurumudi.cluster.command;

import io.jurumudi.client.Connection;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What users ask, in JSON: nodes and pods are made, read, listed and changed, one at a time and
 * several at once, and the scheduler has to place the pods.
 */
final class TrainingLoad implements AutoCloseable {
  private static final String PODS = "/api/v1/namespaces/default/pods";
  private static final int NODES = 120;
  private static final int ALONE = 400;
  private static final int TOGETHER = 1600;
  private static final int CLIENTS = 8;
  private static final int LISTS = 12;

  private static final List<String> WISHES =
      List.of(
          "",
          "",
          """
          "topologySpreadConstraints": [{"maxSkew": 5, "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "a"}}}],
          """,
          """
          "affinity": {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "topology.kubernetes.io/zone",
             "labelSelector": {"matchLabels": {"app": "a"}}}}]}},
          """);

  private final Connection connection;
  private final ExecutorService executor;
  private final HttpClient client;
  private final AtomicInteger made = new AtomicInteger();

  TrainingLoad(Connection connection, ExecutorService executor)
      throws GeneralSecurityException, IOException {
    this.connection = connection;
    this.executor = executor;
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).executor(executor);
    connection.tls().ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  void run() throws IOException, InterruptedException, ExecutionException {
    for (int i = 0; i < NODES; i++) {
      send("POST", "/api/v1/nodes", "application/json", node(i));
      send(
          "PATCH",
          "/api/v1/nodes/train-" + i,
          "application/merge-patch+json",
          "{\"spec\": {\"taints\": null}}");
    }
    for (int i = 0; i < ALONE; i++) {
      pod();
    }
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          executor.submit(
              () -> {
                for (int j = 0; j < TOGETHER / CLIENTS; j++) {
                  pod();
                }
                return null;
              }));
    }
    for (Future<?> one : clients) {
      one.get();
    }
    for (int i = 0; i < LISTS; i++) {
      get(PODS, "application/json");
      get(PODS, "application/vnd.kubernetes.protobuf");
    }
    send("DELETE", PODS + "?gracePeriodSeconds=0", "application/json", "");
  }

  private void pod() throws IOException, InterruptedException {
    int number = made.getAndIncrement();
    send("POST", PODS, "application/json", pod(number));
    get(PODS + "/train-" + number, "application/json");
  }

  private static String node(int number) {
    return """
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "train-%d", "labels":
          {"kubernetes.io/hostname": "train-%d", "topology.kubernetes.io/zone": "zone-%d"}},
         "status": {"allocatable": {"cpu": "64", "memory": "256Gi", "pods": "110"},
          "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "%s"}]}}
        """
        .formatted(number, number, number % 3, Instant.now());
  }

  private static String pod(int number) {
    return """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "train-%d", "labels": {"app": "a"},
          "annotations": {"example.com/note": "what a tool left here"}},
         "spec": {%s "containers": [{"name": "main", "image": "example.com/team/app:1", "args": ["-v"],
          "ports": [{"containerPort": 8080}], "env": [{"name": "MODE", "value": "production"}],
          "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}},
          "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}}}]}}
        """
        .formatted(number, WISHES.get(number % WISHES.size()));
  }

  private void get(String path, String accept) throws IOException, InterruptedException {
    client.send(request(path).header("Accept", accept).GET().build(), BodyHandlers.discarding());
  }

  private void send(String method, String path, String type, String body)
      throws IOException, InterruptedException {
    var answer =
        client.send(
            request(path)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(method + " " + path + ": " + answer.body());
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(connection.server().resolve(path));
    return connection.token().isEmpty()
        ? request
        : request.header("Authorization", "Bearer " + connection.token());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
