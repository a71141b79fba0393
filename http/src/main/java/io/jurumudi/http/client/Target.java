package io.jurumudi.http.client;

import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Whom to connect to.
 *
 * @param host as it stands in the Host field and is checked against the certificate
 * @param address where that is, when it is not to be looked up
 * @param tls null: cleartext
 * @param verifyHost whether the certificate must be the host's; its chain is the context's matter
 */
public record Target(
    String host,
    int port,
    @Nullable InetSocketAddress address,
    @Nullable SSLContext tls,
    boolean verifyHost,
    Duration connectTimeout) {

  public static Target of(String host, int port, @Nullable SSLContext tls) {
    return new Target(host, port, null, tls, true, Duration.ofSeconds(30));
  }

  /** As in a Host field: an IPv6 address stands in brackets. */
  public String authority() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
