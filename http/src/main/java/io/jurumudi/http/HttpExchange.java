package io.jurumudi.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A request and the way to answer it. It is answered once: by {@link #respond}, {@link #stream} or
 * {@link #upgrade}; a second answer is an {@link IllegalStateException}.
 */
public interface HttpExchange {
  String method();

  /** Undecoded, begins with a slash. */
  String path();

  /** Undecoded, without the question mark; empty when there is none. */
  String rawQuery();

  /** Of the request. The host of an HTTP/2 request stands here as Host. */
  Headers headers();

  /** HTTP/1.0, HTTP/1.1 or HTTP/2.0. */
  String protocol();

  boolean secure();

  InetSocketAddress remoteAddress();

  InetSocketAddress localAddress();

  /**
   * The chain the client presented, leaf first. The client has proven that it holds the leaf's key;
   * who signed it is for {@link ClientCertificateVerifier} to say.
   */
  List<X509Certificate> peerCertificates();

  /** Runs on a virtual thread. What it throws is logged and answered with 500. */
  void execute(Runnable blocking);

  /** The executor behind {@link #execute}. */
  Executor executor();

  /**
   * The whole body. Blocks: virtual threads only.
   *
   * @param limit in bytes
   * @throws TooLargeException when it is longer; the rest is not read
   * @throws IOException when the client went away before its end
   */
  byte[] body(int limit) throws IOException;

  /** The body as it comes, held back while nobody reads. Blocks: virtual threads only. */
  InputStream bodyStream();

  /** Runs once, when the exchange has ended or the client has gone; at once if so already. */
  void onClose(Runnable action);

  /** Any thread. Content-Length, Date and, when the client asks for it, gzip are added. */
  void respond(int status, Headers headers, byte[] body);

  /**
   * As {@link #respond(int, Headers, byte[])}, with a body in pieces that are not joined: a large
   * one need not be copied. Neither the pieces nor what they show may be changed afterwards.
   */
  void respond(int status, Headers headers, List<ByteBuffer> body);

  /** Plain text, with a line's end, as Go's http.Error writes it. */
  default void respondText(int status, String text) {
    respond(
        status,
        Headers.of(
            "Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"),
        (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Starts an answer of unknown length. Any thread. */
  ResponseStream stream(int status, Headers headers);

  /** The protocols the client offers in Upgrade, lower case, when Connection says upgrade. */
  @Nullable String upgradeOffer();

  /**
   * Answers 101 and gives the connection away as bytes. HTTP/1.1 only. Blocks until the answer is
   * written: virtual threads only.
   */
  Duplex upgrade(Headers headers) throws IOException;

  /** A body above the limit its reader set. */
  final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    public TooLargeException(int limit) {
      this.limit = limit;
    }

    public int limit() {
      return limit;
    }

    @Override
    public String getMessage() {
      return "request body is longer than the limit of " + limit + " bytes";
    }
  }
}
