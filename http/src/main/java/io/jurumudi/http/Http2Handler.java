package io.jurumudi.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One stream of an HTTP/2 connection, which is one request. Owned by the event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class Http2Handler extends ChannelInboundHandlerAdapter {
  private final ServerConnection connection;
  private @Nullable Http2Exchange exchange;

  Http2Handler(ServerConnection connection) {
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      switch (message) {
        case Http2HeadersFrame head when exchange == null -> {
          Http2Exchange begun =
              new Http2Exchange(context.channel(), connection, head.headers(), head.isEndStream());
          exchange = begun;
          connection.exchangeBegun();
          begun.guarded(() -> connection.server().handler().handle(begun));
        }
        case Http2HeadersFrame trailers -> {
          if (trailers.isEndStream()) {
            endBody(null);
          }
        }
        case Http2DataFrame data -> {
          Http2Exchange receiving = exchange;
          InboundBytes body = receiving == null ? null : receiving.requestBody();
          if (body != null && !body.add(data.content())) {
            context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
          }
          if (data.isEndStream()) {
            endBody(null);
          }
        }
        default -> {
          // Settings and the like are the codec's.
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void endBody(@Nullable IOException cause) {
    Http2Exchange receiving = exchange;
    if (receiving != null && receiving.requestBody() != null) {
      receiving.requestBody().end(cause);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (exchange != null) {
      exchange.over();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    endBody(new IOException(cause.getMessage(), cause));
    context.close();
  }
}
