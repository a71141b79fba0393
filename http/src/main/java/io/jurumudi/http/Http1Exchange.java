package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A request on an HTTP/1.x connection. */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class Http1Exchange extends NettyExchange {
  private final Http1Handler handler;
  private final boolean http10;
  private final boolean expectsContinue;
  private final boolean keepAlive;
  private boolean headWritten;
  private boolean chunked;

  Http1Exchange(
      Channel channel, ServerConnection connection, Http1Handler handler, HttpRequest request) {
    super(
        channel,
        connection,
        request.method().name(),
        request.uri(),
        headers(request),
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0);
    this.handler = handler;
    this.http10 = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
    this.expectsContinue = HttpUtil.is100ContinueExpected(request);
    this.keepAlive = HttpUtil.isKeepAlive(request);
  }

  private static Headers headers(HttpRequest request) {
    Headers headers = new Headers();
    request.headers().forEach(field -> headers.add(field.getKey(), field.getValue()));
    return headers;
  }

  @Override
  public String protocol() {
    return http10 ? "HTTP/1.0" : "HTTP/1.1";
  }

  /** Whether the connection may carry another request after this one. */
  boolean keepAlive() {
    return keepAlive && !connection.server().isClosing();
  }

  @Override
  void onFirstRead() {
    if (expectsContinue) {
      onLoop(
          () -> {
            if (!headWritten) {
              channel.writeAndFlush(
                  new DefaultFullHttpResponse(
                      HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
            }
          });
    }
  }

  @Override
  void writeHead(int status, Headers fields, long length, boolean last) {
    headWritten = true;
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    HttpHeaders out = response.headers();
    fields.forEach(out::add);
    connection.server().addDate(out::set, out.contains("Date"));
    if (length >= 0) {
      if (status != 204 && status != 304 && !out.contains("Content-Length")) {
        out.set("Content-Length", length);
      }
    } else if (!out.contains("Content-Length") && !method().equals("HEAD")) {
      if (http10) {
        handler.closeAfterThis();
      } else {
        chunked = true;
        out.set("Transfer-Encoding", "chunked");
      }
    }
    if (!keepAlive() || out.containsValue("Connection", "close", true)) {
      handler.closeAfterThis();
      out.set("Connection", "close");
    } else if (http10) {
      out.set("Connection", "keep-alive");
    }
    channel.write(response);
    if (last) {
      channel.write(LastHttpContent.EMPTY_LAST_CONTENT).addListener(done -> handler.answered(this));
    }
  }

  @Override
  void writeLast(ByteBuf body) {
    channel.write(new DefaultLastHttpContent(body)).addListener(done -> handler.answered(this));
  }

  @Override
  public ChannelFuture write(ByteBuf data) {
    if (method().equals("HEAD")) {
      data.release();
      return channel.newSucceededFuture();
    }
    return channel.write(new DefaultHttpContent(data));
  }

  @Override
  public void end() {
    channel
        .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
        .addListener(done -> handler.answered(this));
  }

  @Override
  public void abort() {
    if (chunked || headWritten) {
      channel.close();
    }
  }

  @Override
  public @Nullable String upgradeOffer() {
    return http10 ? null : super.upgradeOffer();
  }

  @Override
  public Duplex upgrade(Headers fields) throws IOException {
    if (channel.eventLoop().inEventLoop()) {
      throw new IllegalStateException("an upgrade blocks");
    }
    claim();
    detach();
    CompletableFuture<Duplex> done = new CompletableFuture<>();
    channel.eventLoop().execute(() -> switchProtocol(fields, done));
    try {
      return done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("the connection did not change its protocol: " + e.getMessage(), e);
    }
  }

  private void switchProtocol(Headers fields, CompletableFuture<Duplex> done) {
    if (!channel.isActive()) {
      done.completeExceptionally(new IOException("the client is gone"));
      return;
    }
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    fields.forEach(response.headers()::add);
    connection.upgraded();
    NettyDuplex duplex = new NettyDuplex(channel);
    ChannelFuture written = channel.writeAndFlush(response);
    channel.pipeline().addLast(duplex);
    channel.pipeline().remove(handler);
    // Gives the bytes that came after the request's head to the duplex.
    channel.pipeline().remove(HttpServerCodec.class);
    channel.closeFuture().addListener(closed -> over());
    written.addListener(
        sent -> {
          if (sent.isSuccess()) {
            done.complete(duplex);
          } else {
            done.completeExceptionally(new IOException("the client is gone", sent.cause()));
          }
        });
  }
}
