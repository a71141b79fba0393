package io.jurumudi.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens and where it draws lines.
 *
 * @param name of its threads
 * @param address port 0: the system chooses
 * @param tls null: cleartext, HTTP/1.1 only
 * @param eventLoops threads that read and write sockets
 * @param maxHeaderBytes of a request's line and fields together; more is 431
 * @param maxStreamsPerConnection requests at once on one HTTP/2 connection
 * @param idleTimeout a connection without a request is closed after this
 * @param headerTimeout from a connection's opening, or a request's first byte, to its head's end
 * @param gzipThresholdBytes a GET's answer of this size or more is compressed for a client that
 *     wants it; negative: never
 */
public record HttpServerConfig(
    String name,
    InetSocketAddress address,
    @Nullable TlsConfig tls,
    int eventLoops,
    int maxHeaderBytes,
    int maxStreamsPerConnection,
    Duration idleTimeout,
    Duration headerTimeout,
    int gzipThresholdBytes) {

  /** Upstream's limits; streams are 250 as clients in one process share a connection. */
  public static HttpServerConfig of(InetSocketAddress address, @Nullable TlsConfig tls) {
    return new HttpServerConfig(
        "http",
        address,
        tls,
        Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4),
        1 << 20,
        250,
        Duration.ofSeconds(90),
        Duration.ofSeconds(32),
        128 * 1024);
  }

  public HttpServerConfig withName(String value) {
    return new HttpServerConfig(
        value,
        address,
        tls,
        eventLoops,
        maxHeaderBytes,
        maxStreamsPerConnection,
        idleTimeout,
        headerTimeout,
        gzipThresholdBytes);
  }

  public HttpServerConfig withEventLoops(int value) {
    return new HttpServerConfig(
        name,
        address,
        tls,
        value,
        maxHeaderBytes,
        maxStreamsPerConnection,
        idleTimeout,
        headerTimeout,
        gzipThresholdBytes);
  }

  public HttpServerConfig withIdleTimeout(Duration value) {
    return new HttpServerConfig(
        name,
        address,
        tls,
        eventLoops,
        maxHeaderBytes,
        maxStreamsPerConnection,
        value,
        headerTimeout,
        gzipThresholdBytes);
  }
}
