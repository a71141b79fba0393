package io.jurumudi.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket and its connections: TLS with HTTP/2 or HTTP/1.1 as the client prefers, or
 * cleartext HTTP/1.1. Many may live in one process; each has its own few threads.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
public final class HttpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  /** How long a close waits for requests under way; streams and upgrades are cut at once. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

  /** Upstream's: what a client may send ahead on one stream, and on all of a connection. */
  private static final int STREAM_WINDOW = 256 * 1024;

  private static final int CONNECTION_WINDOW = 16 * 1024 * 1024;

  /** Requests that one read of a socket can bring; the handler stops reading long before. */
  private static final int MAX_PIPELINED = 8192;

  /** Watches may be given up in thousands at once; more than this in 30 s is an attack. */
  private static final int MAX_RESETS = 10_000;

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  private final HttpServerConfig config;
  private final HttpHandler handler;
  private final Executor executor;
  private final EventLoopGroup loops;
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final @Nullable SslContext tls;
  private final Channel listener;
  private final Object inFlightLock = new Object();
  private int inFlight;
  private volatile boolean closing;
  private volatile CachedDate date = new CachedDate(0, "");

  private record CachedDate(long second, String text) {}

  private HttpServer(HttpServerConfig config, HttpHandler handler, Executor executor)
      throws IOException {
    this.config = config;
    this.handler = handler;
    this.executor = executor;
    this.tls = tls(config);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(),
            new DefaultThreadFactory(config.name() + "-io", true),
            NioIoHandler.newFactory());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                });
    var bound = bootstrap.bind(config.address()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException(
          "cannot listen on " + config.address() + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    this.listener = bound.channel();
  }

  /**
   * @param executor of {@link HttpExchange#execute}: a thread a task, virtual ones
   * @throws IOException when the address is taken or not of this machine
   */
  public static HttpServer start(HttpServerConfig config, HttpHandler handler, Executor executor)
      throws IOException {
    return new HttpServer(config, handler, executor);
  }

  private static @Nullable SslContext tls(HttpServerConfig config) throws SSLException {
    TlsConfig tls = config.tls();
    if (tls == null) {
      return null;
    }
    boolean asks = !tls.clientAuthorities().isEmpty();
    return SslContextBuilder.forServer(tls.keyManager())
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3", "TLSv1.2")
        .trustManager(TlsConfig.deferringTrustManager(tls.clientAuthorities()))
        .clientAuth(asks ? ClientAuth.OPTIONAL : ClientAuth.NONE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }

  private void accept(SocketChannel channel) {
    connections.add(channel);
    ServerConnection connection = new ServerConnection(this, channel);
    if (tls == null) {
      http1(channel, connection);
      return;
    }
    channel.pipeline().addLast(tls.newHandler(channel.alloc()));
    channel
        .pipeline()
        .addLast(
            new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
              @Override
              protected void configurePipeline(ChannelHandlerContext context, String protocol) {
                if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                  http2(context.channel(), connection);
                } else {
                  http1(context.channel(), connection);
                }
              }

              @Override
              protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
                log.debug(
                    "msg=\"TLS handshake failed\" remote={} cause=\"{}\"",
                    context.channel().remoteAddress(),
                    cause.getMessage());
                context.close();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                log.debug(
                    "msg=\"connection failed\" remote={} cause=\"{}\"",
                    context.channel().remoteAddress(),
                    cause.getMessage());
                context.close();
              }
            });
  }

  private void http1(Channel channel, ServerConnection connection) {
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(config.maxHeaderBytes())
            .setMaxHeaderSize(config.maxHeaderBytes());
    channel
        .pipeline()
        .addLast(new HttpServerCodec(limits, MAX_PIPELINED), new Http1Handler(connection));
  }

  private void http2(Channel channel, ServerConnection connection) {
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(config.maxStreamsPerConnection())
            .maxHeaderListSize(config.maxHeaderBytes())
            .initialWindowSize(STREAM_WINDOW);
    var codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(settings)
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, 30)
            .gracefulShutdownTimeoutMillis(0)
            .build();
    channel
        .pipeline()
        .addLast(
            codec,
            new Http2MultiplexHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel stream) {
                    stream.pipeline().addLast(new Http2Handler(connection));
                  }
                }),
            new ConnectionErrors());
    try {
      var connectionStream = codec.connection().connectionStream();
      codec
          .connection()
          .local()
          .flowController()
          .incrementWindowSize(connectionStream, CONNECTION_WINDOW - 65_535);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The end of a connection's pipeline: a broken connection is no news. */
  private static final class ConnectionErrors extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug(
          "msg=\"connection failed\" remote={} cause=\"{}\"",
          context.channel().remoteAddress(),
          cause.getMessage());
      context.close();
    }
  }

  /** Where it listens, with the port that the system chose. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  HttpServerConfig config() {
    return config;
  }

  HttpHandler handler() {
    return handler;
  }

  Executor executor() {
    return executor;
  }

  boolean isClosing() {
    return closing;
  }

  void exchangeBegun() {
    synchronized (inFlightLock) {
      inFlight++;
    }
  }

  void exchangeEnded() {
    synchronized (inFlightLock) {
      inFlight--;
      if (inFlight == 0) {
        inFlightLock.notifyAll();
      }
    }
  }

  /** Adds the Date field, formatted once a second. */
  void addDate(BiConsumer<String, String> fields, boolean present) {
    if (present) {
      return;
    }
    long now = System.currentTimeMillis();
    CachedDate cached = date;
    if (cached.second != now / 1000) {
      String text = HTTP_DATE.format(Instant.ofEpochMilli(now).atOffset(ZoneOffset.UTC));
      cached = new CachedDate(now / 1000, text);
      date = cached;
    }
    fields.accept("date", cached.text);
  }

  /** Accepts no more, lets requests under way end for two seconds, and closes everything. */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    listener.close().awaitUninterruptibly();
    for (Channel channel : connections) {
      if (channel.pipeline().get(Http2MultiplexHandler.class) != null) {
        channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
      }
    }
    long deadline = System.nanoTime() + CLOSE_GRACE.toNanos();
    synchronized (inFlightLock) {
      try {
        long left = deadline - System.nanoTime();
        while (inFlight > 0 && left > 0) {
          TimeUnit.NANOSECONDS.timedWait(inFlightLock, left);
          left = deadline - System.nanoTime();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
