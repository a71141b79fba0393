package io.jurumudi.kubelet.probe;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.ExecAction;
import io.jurumudi.api.core.v1.GRPCAction;
import io.jurumudi.api.core.v1.HTTPGetAction;
import io.jurumudi.api.core.v1.HTTPHeader;
import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.api.core.v1.TCPSocketAction;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Carries out one probe. Blocks until its end or its timeout; any thread. */
public final class Prober {
  private static final int MAX_OUTPUT = 10 * 1024;

  private final RuntimeService runtime;

  public Prober(RuntimeService runtime) {
    this.runtime = runtime;
  }

  /**
   * @param podIP where to ask unless the probe names a host
   */
  Outcome probe(Probe probe, Container container, String containerId, String podIP) {
    Duration timeout = Duration.ofSeconds(Math.max(1, probe.timeoutSeconds()));
    ExecAction exec = probe.exec();
    HTTPGetAction http = probe.httpGet();
    TCPSocketAction tcp = probe.tcpSocket();
    GRPCAction grpc = probe.grpc();
    try {
      if (exec != null) {
        return exec(containerId, exec.command(), timeout);
      }
      if (http != null) {
        return HttpProbe.get(request(http, container, podIP, "kube-probe/1.36"), timeout);
      }
      if (tcp != null) {
        String host = tcp.host().isEmpty() ? podIP : tcp.host();
        return tcp(host, port(tcp.port(), container), timeout);
      }
      if (grpc != null) {
        String service = grpc.service() == null ? "" : grpc.service();
        return GrpcProbe.check(podIP, grpc.port(), service, timeout);
      }
    } catch (IllegalArgumentException e) {
      return Outcome.error(String.valueOf(e.getMessage()));
    }
    return Outcome.error("missing probe handler for " + container.name());
  }

  Outcome exec(String containerId, List<String> command, Duration timeout) {
    try {
      ExecResult result = runtime.execSync(containerId, command, timeout);
      String output = text(result.stdout()) + text(result.stderr());
      if (output.length() > MAX_OUTPUT) {
        output = output.substring(0, MAX_OUTPUT);
      }
      return result.exitCode() == 0 ? Outcome.success(output) : Outcome.failure(output);
    } catch (RuntimeServiceException.NotFound e) {
      return Outcome.error(String.valueOf(e.getMessage()));
    } catch (RuntimeServiceException e) {
      return Outcome.failure(String.valueOf(e.getMessage()));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Outcome tcp(String host, int port, Duration timeout) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      return Outcome.success("");
    } catch (SocketTimeoutException e) {
      return Outcome.failure("dial tcp " + host + ":" + port + ": i/o timeout");
    } catch (IOException e) {
      return Outcome.failure(HttpProbe.dialError(host, port, e));
    }
  }

  /** Throws IllegalArgumentException when the port does not resolve or the URL is none. */
  static HttpProbe.Request request(
      HTTPGetAction http, Container container, String podIP, String agent) {
    String scheme = http.scheme().isEmpty() ? "http" : http.scheme().toLowerCase(Locale.ROOT);
    String host = http.host().isEmpty() ? podIP : http.host();
    String path = http.path().startsWith("/") ? http.path() : "/" + http.path();
    int port = port(http.port(), container);
    String authority = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    URI url;
    try {
      url = new URI(scheme + "://" + authority + path);
    } catch (URISyntaxException e) {
      try {
        url = new URI(scheme, authority, path, null, null);
      } catch (URISyntaxException e2) {
        throw new IllegalArgumentException("invalid probe path: " + path, e2);
      }
    }
    List<Map.Entry<String, String>> headers =
        http.httpHeaders().stream().map(Prober::entry).toList();
    return new HttpProbe.Request(url, headers, agent);
  }

  private static Map.Entry<String, String> entry(HTTPHeader h) {
    return Map.entry(h.name(), h.value());
  }

  static int port(IntOrString port, Container container) {
    int number = port.intValue();
    if (port.isString()) {
      String name = port.toString();
      for (ContainerPort p : container.ports()) {
        if (p.name().equals(name)) {
          number = p.containerPort();
        }
      }
      if (number == 0) {
        throw new IllegalArgumentException("couldn't find port: " + name);
      }
    }
    if (number <= 0 || number > 65535) {
      throw new IllegalArgumentException("invalid port number: " + number);
    }
    return number;
  }
}
