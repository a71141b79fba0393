package io.jurumudi.apiserver.proxy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EphemeralContainer;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.Target;
import io.jurumudi.http.streaming.RemoteOptions;
import io.jurumudi.http.streaming.StreamTranslator;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A pod's log, exec, attach and portforward, at the kubelet of its node. */
final class PodStreams {
  /** Of a kubelet's error text; upstream reads as much. */
  private static final int MAX_ERROR = 50_000;

  private final ObjectSource objects;
  private final Kubelets kubelets;

  PodStreams(ObjectSource objects, Kubelets kubelets) {
    this.objects = objects;
    this.kubelets = kubelets;
  }

  private Pod pod(ProxyRequest request) {
    return objects
        .find(Resources.PODS, request.namespace(), request.name())
        .orElseThrow(() -> ApiException.notFound(Resources.PODS, request.name()));
  }

  private static List<String> containers(Pod pod) {
    List<String> names = new ArrayList<>();
    pod.spec().initContainers().stream().map(Container::name).forEach(names::add);
    pod.spec().containers().stream().map(Container::name).forEach(names::add);
    pod.spec().ephemeralContainers().stream().map(EphemeralContainer::name).forEach(names::add);
    return names;
  }

  private static String container(Pod pod, String asked) {
    String name = pod.metadata().name();
    if (!asked.isEmpty()) {
      if (!containers(pod).contains(asked)) {
        throw ApiException.badRequest("container " + asked + " is not valid for pod " + name);
      }
      return asked;
    }
    List<Container> all = pod.spec().containers();
    if (all.size() == 1) {
      return all.getFirst().name();
    }
    throw ApiException.badRequest(
        "a container name must be specified for pod "
            + name
            + (all.isEmpty()
                ? ""
                : ", choose one of: [" + String.join(" ", containers(pod)) + "]"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  void log(HttpExchange exchange, ProxyRequest request, Map<String, List<String>> query)
      throws IOException {
    validateLog(request, query);
    Pod pod = pod(request);
    String container = container(pod, first(query, "container"));
    if (pod.spec().nodeName().isEmpty()) {
      exchange.respond(200, Headers.of("Content-Type", "text/plain"), new byte[0]);
      return;
    }
    Target kubelet = kubelets.of(pod.spec().nodeName());
    List<String> parameters = new ArrayList<>();
    for (String flag : List.of("follow", "previous", "timestamps")) {
      if (flag(query, flag)) {
        parameters.add(flag + "=true");
      }
    }
    for (String name : List.of("sinceSeconds", "sinceTime", "tailLines", "limitBytes", "stream")) {
      if (!first(query, name).isEmpty()) {
        parameters.add(name + "=" + encode(first(query, name)));
      }
    }
    String path =
        "/containerLogs/"
            + request.namespace()
            + "/"
            + request.name()
            + "/"
            + container
            + "?"
            + String.join("&", parameters);
    HttpConnection connection = HttpProxy.dial(kubelet);
    exchange.onClose(connection::close);
    try (connection) {
      HttpConnection.Response response = connection.send("GET", path, new Headers(), null);
      if (response.status() < 200 || response.status() > 206) {
        throw failure(request, response);
      }
      if (WebSocket.isRequested(exchange)) {
        LogSocket.send(exchange, response.body());
        return;
      }
      String type = response.headers().get("Content-Type", "text/plain");
      HttpProxy.copy(exchange.stream(200, Headers.of("Content-Type", type)), response.body());
    }
  }

  private static void validateLog(ProxyRequest request, Map<String, List<String>> query) {
    List<FieldError> errors = new ArrayList<>();
    minimum(query, "tailLines", 0, "must be greater than or equal to 0", errors);
    minimum(query, "limitBytes", 1, "must be greater than 0", errors);
    minimum(query, "sinceSeconds", 1, "must be greater than 0", errors);
    if (!first(query, "sinceSeconds").isEmpty() && !first(query, "sinceTime").isEmpty()) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("sinceTime"),
              "at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid("", "PodLogOptions", request.name(), errors);
    }
  }

  private static void minimum(
      Map<String, List<String>> query,
      String name,
      long least,
      String detail,
      List<FieldError> errors) {
    String text = first(query, name);
    if (text.isEmpty()) {
      return;
    }
    try {
      long value = Long.parseLong(text);
      if (value < least) {
        errors.add(FieldError.invalid(FieldPath.of(name), value, detail));
      }
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
    }
  }

  /** A kubelet's refusal as this server's own. */
  private static ApiException failure(ProxyRequest request, HttpConnection.Response response)
      throws IOException {
    String text =
        new String(response.body().readNBytes(MAX_ERROR), StandardCharsets.UTF_8).stripTrailing();
    return switch (response.status()) {
      case 500 -> ApiException.internalError(text);
      case 400 -> ApiException.badRequest(text);
      default ->
          new ApiException(
              io.jurumudi.api.meta.v1.Status.builder()
                  .status("Failure")
                  .code(response.status())
                  .reason(response.status() == 404 ? "NotFound" : "")
                  .message(
                      response.status() == 404
                          ? "the server could not find the requested resource (" + text + ")"
                          : text)
                  .details(d -> d.kind("pods/" + request.subresource()).name(request.name()))
                  .build());
    };
  }

  /** Exec, attach and portforward. */
  void stream(HttpExchange exchange, ProxyRequest request, Map<String, List<String>> query)
      throws IOException {
    Pod pod = pod(request);
    boolean forward = request.subresource().equals("portforward");
    String container = forward ? "" : container(pod, first(query, "container"));
    if (pod.spec().nodeName().isEmpty()) {
      throw ApiException.badRequest("pod " + request.name() + " does not have a host assigned");
    }
    if (exchange.upgradeOffer() == null) {
      throw ApiException.badRequest("Upgrade request required");
    }
    String object = "/" + request.namespace() + "/" + request.name();
    String path =
        forward
            ? "/portForward" + object + ports(query)
            : "/" + request.subresource() + object + "/" + container + command(query);
    Target kubelet = kubelets.of(pod.spec().nodeName());
    if (!forward && StreamTranslator.wantsCommand(exchange)) {
      HttpConnection connection =
          upgraded(exchange, kubelet, path, StreamTranslator.commandRequest());
      if (connection != null) {
        StreamTranslator.command(exchange, options(query), connection);
      }
    } else if (forward && StreamTranslator.wantsTunnel(exchange)) {
      HttpConnection connection =
          upgraded(exchange, kubelet, path, StreamTranslator.tunnelRequest());
      if (connection != null) {
        StreamTranslator.tunnel(exchange, connection);
      }
    } else {
      HttpProxy.forward(exchange, kubelet, path, "");
    }
  }

  private static RemoteOptions options(Map<String, List<String>> query) {
    return new RemoteOptions(
        flag(query, "stdin"), flag(query, "stdout"), flag(query, "stderr"), flag(query, "tty"));
  }

  /** The connection after its upgrade; null when the kubelet refused and the client was told. */
  private static @org.jspecify.annotations.Nullable HttpConnection upgraded(
      HttpExchange exchange, Target kubelet, String path, Headers headers) throws IOException {
    HttpConnection connection = HttpProxy.dial(kubelet);
    exchange.onClose(connection::close);
    boolean switched = false;
    try {
      HttpConnection.Response response = connection.send("POST", path, headers, null);
      switched = response.status() == 101;
      if (!switched) {
        HttpProxy.relay(exchange, response, kubelet, "");
      }
      return switched ? connection : null;
    } finally {
      if (!switched) {
        connection.close();
      }
    }
  }

  /** The kubelet's own names for what the API calls stdin, stdout and stderr. */
  private static String command(Map<String, List<String>> query) {
    List<String> parameters = new ArrayList<>();
    Map<String, String> names =
        Map.of("stdin", "input", "stdout", "output", "stderr", "error", "tty", "tty");
    for (String name : List.of("stdin", "stdout", "stderr", "tty")) {
      if (flag(query, name)) {
        parameters.add(names.get(name) + "=1");
      }
    }
    for (String word : query.getOrDefault("command", List.of())) {
      parameters.add("command=" + encode(word));
    }
    return "?" + String.join("&", parameters);
  }

  private static String ports(Map<String, List<String>> query) {
    List<String> ports = query.getOrDefault("ports", List.of());
    return ports.isEmpty() ? "" : "?port=" + encode(String.join(",", ports));
  }

  private static String first(Map<String, List<String>> query, String name) {
    List<String> values = query.get(name);
    return values == null ? "" : values.getFirst();
  }

  private static boolean flag(Map<String, List<String>> query, String name) {
    String value = first(query, name);
    return query.containsKey(name) && !value.equalsIgnoreCase("false") && !value.equals("0");
  }
}
