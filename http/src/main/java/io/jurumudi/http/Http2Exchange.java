package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request on a stream of an HTTP/2 connection. */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class Http2Exchange extends NettyExchange {
  private boolean ended;

  Http2Exchange(
      Channel channel, ServerConnection connection, Http2Headers head, boolean withoutBody) {
    super(
        channel,
        connection,
        text(head.method(), "GET"),
        text(head.path(), "/"),
        headers(head),
        !withoutBody);
  }

  private static String text(@Nullable CharSequence value, String otherwise) {
    return value == null ? otherwise : value.toString();
  }

  private static Headers headers(Http2Headers head) {
    Headers headers = new Headers();
    if (head.authority() != null) {
      headers.add("Host", head.authority().toString());
    }
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      if (field.getKey().length() > 0 && field.getKey().charAt(0) != ':') {
        headers.add(field.getKey().toString(), field.getValue().toString());
      }
    }
    return headers;
  }

  @Override
  public String protocol() {
    return "HTTP/2.0";
  }

  @Override
  void onFirstRead() {
    String expect = headers().get("Expect");
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      onLoop(
          () ->
              channel.writeAndFlush(
                  new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("100"))));
    }
  }

  @Override
  void writeHead(int status, Headers fields, long length, boolean last) {
    Http2Headers out = new DefaultHttp2Headers(false).status(Integer.toString(status));
    fields.forEach(
        (name, value) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          switch (lower) {
            case "connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection" -> {
              // Of the connection: HTTP/2 has no such fields.
            }
            default -> out.add(lower, value);
          }
        });
    connection.server().addDate(out::set, out.contains("date"));
    if (length >= 0 && status != 204 && status != 304 && !out.contains("content-length")) {
      out.set("content-length", Long.toString(length));
    }
    if (last) {
      ended = true;
    }
    ChannelFuture written = channel.write(new DefaultHttp2HeadersFrame(out, last));
    if (last) {
      written.addListener(done -> finish());
    }
  }

  @Override
  void writeLast(ByteBuf body) {
    ended = true;
    channel.write(new DefaultHttp2DataFrame(body, true)).addListener(done -> finish());
  }

  @Override
  public ChannelFuture write(ByteBuf data) {
    if (method().equals("HEAD")) {
      data.release();
      return channel.newSucceededFuture();
    }
    return channel.write(new DefaultHttp2DataFrame(data, false));
  }

  @Override
  public void end() {
    if (!ended) {
      ended = true;
      channel
          .writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true))
          .addListener(done -> finish());
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    }
  }

  /** The answer is out: the client need not send the rest of its body (RFC 9113, 8.1). */
  private void finish() {
    InboundBytes body = requestBody();
    if (body != null && !body.isEnded()) {
      body.discard();
      channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
    over();
  }

  @Override
  public @Nullable String upgradeOffer() {
    return null;
  }

  @Override
  public Duplex upgrade(Headers fields) throws IOException {
    throw new IOException("HTTP/2 has no upgrade");
  }
}
