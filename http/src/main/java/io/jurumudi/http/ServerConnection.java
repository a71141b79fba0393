package io.jurumudi.http;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: what its exchanges share, and the timer that ends it when it idles. Owned
 * by the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class ServerConnection {
  private final HttpServer server;
  private final Channel channel;
  private @Nullable List<X509Certificate> peerCertificates;
  private int exchanges;
  private boolean used;
  private boolean upgraded;
  private @Nullable Future<?> timer;
  private long idleSinceNanos = System.nanoTime();

  ServerConnection(HttpServer server, Channel channel) {
    this.server = server;
    this.channel = channel;
    watchIdle(server.config().headerTimeout());
    channel
        .closeFuture()
        .addListener(
            closed -> {
              if (timer != null) {
                timer.cancel(false);
              }
            });
  }

  HttpServer server() {
    return server;
  }

  boolean secure() {
    return server.config().tls() != null;
  }

  InetSocketAddress remoteAddress() {
    return (InetSocketAddress) channel.remoteAddress();
  }

  InetSocketAddress localAddress() {
    return (InetSocketAddress) channel.localAddress();
  }

  synchronized List<X509Certificate> peerCertificates() {
    List<X509Certificate> known = peerCertificates;
    if (known == null) {
      known = new ArrayList<>(2);
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      if (tls != null) {
        try {
          for (Certificate one : tls.engine().getSession().getPeerCertificates()) {
            known.add((X509Certificate) one);
          }
        } catch (SSLPeerUnverifiedException e) {
          // The client showed none.
        }
      }
      peerCertificates = List.copyOf(known);
    }
    return known;
  }

  /** Event loop. */
  void exchangeBegun() {
    used = true;
    exchanges++;
    server.exchangeBegun();
  }

  /** The exchange became a stream: a closing server does not wait for it. */
  void exchangeStreams() {
    server.exchangeEnded();
  }

  /** Event loop. */
  void exchangeEnded(boolean counted) {
    if (counted) {
      server.exchangeEnded();
    }
    exchanges--;
    idleSinceNanos = System.nanoTime();
  }

  /** Event loop. From now on it idles as long as it likes. */
  void upgraded() {
    upgraded = true;
  }

  boolean isIdle() {
    return exchanges == 0 && !upgraded;
  }

  private void watchIdle(Duration after) {

    channel.eventLoop().schedule(this::closeWhenIdle, after.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void closeWhenIdle() {
    if (upgraded || !channel.isOpen()) {
      return;
    }
    Duration limit = server.config().idleTimeout();
    if (exchanges > 0) {
      watchIdle(limit);
      return;
    }
    Duration idle = Duration.ofNanos(System.nanoTime() - idleSinceNanos);
    if (!used || idle.compareTo(limit) >= 0) {
      channel.close();
    } else {
      watchIdle(limit.minus(idle));
    }
  }
}
