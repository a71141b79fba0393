package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What exchanges of both HTTP versions share. Everything that touches the wire runs on the
 * channel's event loop; the list of close actions is guarded by this.
 */
abstract class NettyExchange implements HttpExchange, OutboundBytes.Sink {
  private static final Logger log = LoggerFactory.getLogger(NettyExchange.class);

  final Channel channel;
  final ServerConnection connection;
  private final String method;
  private final String path;
  private final String query;
  private final Headers headers;
  private final @Nullable InboundBytes body;
  private final AtomicBoolean answered = new AtomicBoolean();
  private final AtomicBoolean finished = new AtomicBoolean();
  private volatile @Nullable OutboundBytes stream;
  private volatile boolean detached;
  private List<Runnable> closeActions = List.of();
  private boolean closed;

  NettyExchange(
      Channel channel,
      ServerConnection connection,
      String method,
      String target,
      Headers headers,
      boolean hasBody) {
    this.channel = channel;
    this.connection = connection;
    this.method = method;
    this.headers = headers;
    String local = originForm(target);
    int mark = local.indexOf('?');
    this.path = mark < 0 ? local : local.substring(0, mark);
    this.query = mark < 0 ? "" : local.substring(mark + 1);
    this.body = hasBody ? new InboundBytes(channel, this::onFirstRead) : null;
  }

  /** A proxy's absolute target loses its scheme and host. */
  private static String originForm(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      return target.startsWith("?") ? "/" + target : target;
    }
    int slash = target.indexOf('/', scheme + 3);
    return slash < 0 ? "/" : target.substring(slash);
  }

  /** Event loop. Writes status line and fields; {@code length} below zero: not known. */
  abstract void writeHead(int status, Headers fields, long length, boolean last);

  /** Event loop. Writes the last piece of a body of known length and ends the answer. */
  abstract void writeLast(ByteBuf body);

  /** Asks for the body when the client waits for that. */
  abstract void onFirstRead();

  @Nullable InboundBytes requestBody() {
    return body;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String rawQuery() {
    return query;
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public boolean secure() {
    return connection.secure();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public InetSocketAddress localAddress() {
    return connection.localAddress();
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return connection.peerCertificates();
  }

  @Override
  public Executor executor() {
    return connection.server().executor();
  }

  @Override
  public void execute(Runnable blocking) {
    executor().execute(() -> guarded(blocking));
  }

  /** Runs part of an application, whose failure is a 500 and never a lost request. */
  void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      String id = UUID.randomUUID().toString();
      log.error("msg=\"request failed\" id={} method={} path={}", id, method, path, e);
      if (!answered.get()) {
        respondText(500, "Internal error, see the server's log for id " + id);
      } else if (stream != null) {
        stream.abort();
      }
      if (e instanceof VirtualMachineError fatal) {
        throw fatal;
      }
    }
  }

  @Override
  public byte[] body(int limit) throws IOException {
    InboundBytes in = body;
    if (in == null) {
      return new byte[0];
    }
    byte[] bytes = in.readNBytes(limit);
    if (bytes.length == limit && in.read() >= 0) {
      in.discard();
      throw new TooLargeException(limit);
    }
    return bytes;
  }

  @Override
  public InputStream bodyStream() {
    return body == null ? InputStream.nullInputStream() : body;
  }

  @Override
  public void onClose(Runnable action) {
    synchronized (this) {
      if (!closed) {
        List<Runnable> longer = new ArrayList<>(closeActions.size() + 1);
        longer.addAll(closeActions);
        longer.add(action);
        closeActions = longer;
        return;
      }
    }
    action.run();
  }

  /** The exchange is over, for whatever reason. Event loop. */
  void over() {
    List<Runnable> actions;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      actions = closeActions;
      closeActions = List.of();
    }
    if (finished.compareAndSet(false, true)) {
      connection.exchangeEnded(!detached);
    }
    OutboundBytes open = stream;
    if (open != null) {
      open.gone();
    }
    if (body != null) {
      body.end(new IOException("the client went away"));
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public void respond(int status, Headers fields, byte[] bytes) {
    respond(status, fields, bytes.length == 0 ? List.of() : List.of(ByteBuffer.wrap(bytes)));
  }

  @Override
  public void respond(int status, Headers fields, List<ByteBuffer> pieces) {
    claim();
    long length = 0;
    for (ByteBuffer piece : pieces) {
      length += piece.remaining();
    }
    if (wantsGzip(fields, length)) {
      if (channel.eventLoop().inEventLoop()) {
        executor().execute(() -> guarded(() -> send(status, compressed(fields), zip(pieces))));
      } else {
        send(status, compressed(fields), zip(pieces));
      }
    } else {
      send(status, fields, pieces);
    }
  }

  private void send(int status, Headers fields, List<ByteBuffer> pieces) {
    // Not joined, however many: some limit of components would make Netty copy them all.
    ByteBuf body = Unpooled.wrappedBuffer(pieces.size(), pieces.toArray(ByteBuffer[]::new));
    onLoop(
        () -> {
          int total = body.readableBytes();
          boolean bodiless = total == 0 || method.equals("HEAD") || status == 204 || status == 304;
          writeHead(status, fields, total, bodiless);
          if (!bodiless) {
            writeLast(body);
          }
          channel.flush();
        });
  }

  private boolean wantsGzip(Headers fields, long length) {
    int threshold = connection.server().config().gzipThresholdBytes();
    if (threshold < 0 || length < threshold || !method.equals("GET")) {
      return false;
    }
    if (fields.contains("Content-Encoding")) {
      return false;
    }
    for (String coding : headers.elements("Accept-Encoding")) {
      String lower = coding.toLowerCase(Locale.ROOT);
      if (lower.equals("gzip") || (lower.startsWith("gzip;") && !lower.endsWith("q=0"))) {
        return true;
      }
    }
    return false;
  }

  private static Headers compressed(Headers fields) {
    return fields.copy().set("Content-Encoding", "gzip").add("Vary", "Accept-Encoding");
  }

  /** Level 1, as upstream: four fifths of the gain for a third of the time. */
  private static List<ByteBuffer> zip(List<ByteBuffer> pieces) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(32 * 1024);
    try (GZIPOutputStream gzip =
        new GZIPOutputStream(bytes, 8192) {
          {
            def.setLevel(1);
          }
        }) {
      for (ByteBuffer piece : pieces) {
        gzip.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return List.of(ByteBuffer.wrap(bytes.toByteArray()));
  }

  @Override
  public ResponseStream stream(int status, Headers fields) {
    claim();
    OutboundBytes out = new OutboundBytes(channel, this);
    stream = out;
    detach();
    synchronized (this) {
      if (closed) {
        out.gone();
        return out;
      }
    }
    onLoop(
        () -> {
          writeHead(status, fields, -1, false);
          channel.flush();
        });
    return out;
  }

  /** It may last: a server that closes does not wait for it. */
  void detach() {
    detached = true;
    connection.exchangeStreams();
  }

  void claim() {
    if (!answered.compareAndSet(false, true)) {
      throw new IllegalStateException("the request is already answered");
    }
  }

  void onLoop(Runnable action) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  @Override
  public abstract ChannelFuture write(ByteBuf data);

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public @Nullable String upgradeOffer() {
    String offer = headers.get("Upgrade");
    if (offer == null) {
      return null;
    }
    for (String option : headers.elements("Connection")) {
      if (option.equalsIgnoreCase("upgrade")) {
        return offer.toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }
}
