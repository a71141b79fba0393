package io.jurumudi.apiserver.proxy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAddress;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.http.client.Target;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Where the kubelets are, and how they know that it is the API server that calls. */
public class Kubelets {
  private static final int DEFAULT_PORT = 10250;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final List<String> PREFERRED =
      List.of("InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS");

  private final ObjectSource objects;
  private final SSLContext tls;
  private final boolean verifyHost;

  /**
   * @param tls shows the API server's client certificate and trusts whom kubelets' certificates are
   *     signed by
   * @param verifyHost whether those certificates must name the node's address
   */
  public Kubelets(ObjectSource objects, SSLContext tls, boolean verifyHost) {
    this.objects = objects;
    this.tls = tls;
    this.verifyHost = verifyHost;
  }

  /**
   * @throws ApiException notFound; a 500 when the node has told no address
   */
  Target of(String nodeName) {
    Node node =
        objects
            .find(Resources.NODES, "", nodeName)
            .orElseThrow(() -> ApiException.notFound(Resources.NODES, nodeName));
    int told = node.status().daemonEndpoints().kubeletEndpoint().Port();
    String host =
        PREFERRED.stream()
            .flatMap(type -> address(node, type).stream())
            .findFirst()
            .orElseThrow(
                () ->
                    ApiException.unknown(
                        "no preferred addresses found; known addresses: "
                            + node.status().addresses()));
    return new Target(
        host, told == 0 ? DEFAULT_PORT : told, null, tls, verifyHost, CONNECT_TIMEOUT);
  }

  private static Optional<String> address(Node node, String type) {
    return node.status().addresses().stream()
        .filter(a -> a.type().equals(type) && !a.address().isEmpty())
        .map(NodeAddress::address)
        .findFirst();
  }
}
