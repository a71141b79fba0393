package io.jurumudi.apiserver.proxy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.EndpointPort;
import io.jurumudi.api.core.v1.EndpointSubset;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.client.Target;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The connect subresources of pods, services and nodes. Called on virtual threads. */
public final class ConnectProxy {
  private static final Set<String> HANDLED =
      Set.of(
          "pods/log",
          "pods/exec",
          "pods/attach",
          "pods/portforward",
          "pods/proxy",
          "services/proxy",
          "nodes/proxy");
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private final ObjectSource objects;
  private final Kubelets kubelets;
  private final SSLContext insecureTls;
  private final RandomGenerator random;
  private final PodStreams streams;

  /**
   * @param insecureTls for pods and services behind https: trusts every certificate
   */
  public ConnectProxy(
      ObjectSource objects, Kubelets kubelets, SSLContext insecureTls, RandomGenerator random) {
    this.objects = objects;
    this.kubelets = kubelets;
    this.insecureTls = insecureTls;
    this.random = random;
    this.streams = new PodStreams(objects, kubelets);
  }

  public static boolean handles(String resource, String subresource) {
    return HANDLED.contains(resource + "/" + subresource);
  }

  /**
   * @throws ApiException when nothing was answered yet
   */
  public void handle(HttpExchange exchange, ProxyRequest request) throws IOException {
    switch (request.subresource()) {
      case "log" -> streams.log(exchange, request, query(exchange.rawQuery()));
      case "exec", "attach", "portforward" ->
          streams.stream(exchange, request, query(exchange.rawQuery()));
      default -> proxy(exchange, request);
    }
  }

  private static Map<String, List<String>> query(String raw) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String part : raw.split("&", -1)) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = equals < 0 ? "" : part.substring(equals + 1);
        parameters
            .computeIfAbsent(
                URLDecoder.decode(name, StandardCharsets.UTF_8), n -> new ArrayList<>(1))
            .add(URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  private void proxy(HttpExchange exchange, ProxyRequest request) throws IOException {
    int end = endOfPrefix(exchange.path(), request.resource());
    String prefix = exchange.path().substring(0, end);
    String rest = exchange.path().substring(end);
    Target target =
        switch (request.resource()) {
          case "nodes" -> node(request);
          case "services" -> service(request);
          default -> pod(request);
        };
    String query = exchange.rawQuery().isEmpty() ? "" : "?" + exchange.rawQuery();
    boolean reads = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    if (rest.isEmpty() && reads) {
      // Links that are relative to the root of the target then lead to below the proxy's path.
      exchange.respond(301, Headers.of("Location", exchange.path() + "/" + query), new byte[0]);
      return;
    }
    HttpProxy.forward(exchange, target, (rest.isEmpty() ? "/" : rest) + query, prefix);
  }

  /** Where the path ends that names the proxy, and the one begins that is sent on. */
  private static int endOfPrefix(String path, String resource) {
    // /api/v1/nodes/NAME/proxy and /api/v1/namespaces/NAMESPACE/pods/NAME/proxy
    int slashes = resource.equals("nodes") ? 6 : 8;
    int at = -1;
    for (int i = 0; i < slashes; i++) {
      at = path.indexOf('/', at + 1);
      if (at < 0) {
        return path.length();
      }
    }
    return at;
  }

  /** A name with a scheme before it and a port behind, both optional. */
  record Named(String scheme, String name, String port) {
    static @Nullable Named of(String id) {
      String[] parts = id.split(":", -1);
      Named named =
          switch (parts.length) {
            case 1 -> new Named("", parts[0], "");
            case 2 -> new Named("", parts[0], parts[1]);
            case 3 -> new Named(parts[0], parts[1], parts[2]);
            default -> null;
          };
      boolean valid =
          named != null
              && !named.name.isEmpty()
              && Set.of("", "http", "https").contains(named.scheme);
      return valid ? named : null;
    }
  }

  private Target to(String scheme, String host, int port) {
    boolean secure = scheme.equals("https");
    return new Target(
        host,
        port > 0 ? port : secure ? 443 : 80,
        null,
        secure ? insecureTls : null,
        false,
        CONNECT_TIMEOUT);
  }

  private static int number(String port) {
    try {
      return port.isEmpty() ? 0 : Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("invalid port \"" + port + "\"");
    }
  }

  private Target pod(ProxyRequest request) {
    Named named = Named.of(request.name());
    if (named == null) {
      throw ApiException.badRequest("invalid pod request \"" + request.name() + "\"");
    }
    Pod pod =
        objects
            .find(Resources.PODS, request.namespace(), named.name)
            .orElseThrow(() -> ApiException.notFound(Resources.PODS, named.name));
    int port = number(named.port);
    if (port == 0) {
      for (Container container : pod.spec().containers()) {
        if (!container.ports().isEmpty()) {
          port = container.ports().getFirst().containerPort();
          break;
        }
      }
    }
    String ip = pod.status().podIP();
    if (ip.isEmpty() || ip.startsWith("127.") || ip.startsWith("169.254.")) {
      throw ApiException.badRequest("address not allowed");
    }
    return to(named.scheme, ip, port);
  }

  private Target node(ProxyRequest request) {
    Named named = Named.of(request.name());
    if (named == null) {
      throw ApiException.badRequest("invalid node request \"" + request.name() + "\"");
    }
    Target kubelet = kubelets.of(named.name);
    int port = number(named.port);
    if (port == 0 || port == kubelet.port()) {
      return kubelet;
    }
    return to(named.scheme, kubelet.host(), port);
  }

  private Target service(ProxyRequest request) {
    Named named = Named.of(request.name());
    if (named == null) {
      throw ApiException.badRequest("invalid service request \"" + request.name() + "\"");
    }
    String portName = portName(request.namespace(), named);
    Endpoints endpoints =
        objects
            .find(Resources.ENDPOINTS, request.namespace(), named.name)
            .orElseThrow(() -> ApiException.notFound(Resources.SERVICES, named.name));
    List<Target> all = new ArrayList<>();
    for (EndpointSubset subset : endpoints.subsets()) {
      for (EndpointPort port : subset.ports()) {
        if (port.name().equals(portName)) {
          for (EndpointAddress address : subset.addresses()) {
            if (isPods(address)) {
              all.add(to(named.scheme, address.ip(), port.port()));
            }
          }
        }
      }
    }
    if (all.isEmpty()) {
      throw ApiException.serviceUnavailable(
          "no endpoints available for service \"" + request.name() + "\"");
    }
    return all.get(random.nextInt(all.size()));
  }

  /** Only pods are proxied to: an address that somebody wrote down may be of anything. */
  private boolean isPods(EndpointAddress address) {
    var target = address.targetRef();
    return target != null
        && objects
            .find(Resources.PODS, target.namespace(), target.name())
            .filter(
                pod -> pod.status().podIPs().stream().anyMatch(ip -> ip.ip().equals(address.ip())))
            .isPresent();
  }

  private String portName(String namespace, Named named) {
    if (named.port.isEmpty() || !named.port.chars().allMatch(Character::isDigit)) {
      return named.port;
    }
    Service service =
        objects
            .find(Resources.SERVICES, namespace, named.name)
            .orElseThrow(() -> ApiException.notFound(Resources.SERVICES, named.name));
    return service.spec().ports().stream()
        .filter(p -> Integer.toString(p.port()).equals(named.port))
        .map(ServicePort::name)
        .findFirst()
        .orElseThrow(
            () ->
                ApiException.serviceUnavailable(
                    "no service port " + named.port + " found for service \"" + named.name + "\""));
  }
}
