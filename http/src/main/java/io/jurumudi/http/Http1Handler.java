package io.jurumudi.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of an HTTP/1.x connection, one after the other. It reads on while a request is
 * answered, so that a vanished client is noticed at once; requests that a pipelining client sent
 * ahead wait, {@link #MAX_AHEAD} pieces at most. Owned by the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class Http1Handler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Http1Handler.class);
  private static final int MAX_AHEAD = 256;

  private final ServerConnection connection;
  private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();
  private @Nullable Http1Exchange current;
  private boolean requestComplete;
  private boolean answered;
  private boolean closeAfterThis;
  private boolean dispatching;

  Http1Handler(ServerConnection connection) {
    this.connection = connection;
  }

  void closeAfterThis() {
    closeAfterThis = true;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof HttpObject part)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (current != null && requestComplete) {
      ahead.add(part);
      if (ahead.size() >= MAX_AHEAD) {
        context.channel().config().setAutoRead(false);
      }
    } else {
      take(context, part);
    }
  }

  private void take(ChannelHandlerContext context, HttpObject part) {
    try {
      if (part.decoderResult().isFailure()) {
        refuse(context, part.decoderResult());
        return;
      }
      if (part instanceof HttpRequest request) {
        begin(context, request);
      }
      if (part instanceof HttpContent content) {
        Http1Exchange exchange = current;
        if (exchange == null) {
          return;
        }
        InboundBytes body = exchange.requestBody();
        if (body != null && !body.add(content.content())) {
          context.close();
        }
        if (part instanceof LastHttpContent) {
          requestComplete = true;
          if (body != null) {
            body.end(null);
          }
          nextIfDone(context);
        }
      }
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    Http1Exchange exchange = new Http1Exchange(context.channel(), connection, this, request);
    current = exchange;
    requestComplete = false;
    answered = false;
    connection.exchangeBegun();
    exchange.guarded(() -> connection.server().handler().handle(exchange));
  }

  /** The answer's last byte is written. Event loop. */
  void answered(Http1Exchange exchange) {
    if (exchange != current) {
      return;
    }
    answered = true;
    if (!requestComplete) {
      InboundBytes body = exchange.requestBody();
      if (body != null) {
        body.discard();
      }
    }
    ChannelHandlerContext context = exchange.channel.pipeline().context(this);
    if (context == null) {
      exchange.over();
    } else if (closeAfterThis) {
      exchange.over();
      current = null;
      context.close();
    } else {
      nextIfDone(context);
    }
  }

  private void nextIfDone(ChannelHandlerContext context) {
    Http1Exchange done = current;
    if (done == null || !answered || !requestComplete) {
      return;
    }
    current = null;
    done.over();
    if (dispatching) {
      return;
    }
    dispatching = true;
    try {
      while (!ahead.isEmpty() && (current == null || !requestComplete)) {
        take(context, ahead.remove());
      }
    } finally {
      dispatching = false;
    }
    if (ahead.isEmpty() && !context.channel().config().isAutoRead()) {
      context.channel().config().setAutoRead(true);
    }
  }

  private static void refuse(ChannelHandlerContext context, DecoderResult result) {
    HttpResponseStatus status =
        switch (result.cause()) {
          case TooLongHttpHeaderException e -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
          case TooLongHttpLineException e -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
          default -> HttpResponseStatus.BAD_REQUEST;
        };
    DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status);
    byte[] text = (status.code() + " " + status.reasonPhrase()).getBytes(StandardCharsets.US_ASCII);
    response.content().writeBytes(text);
    response
        .headers()
        .set("Content-Type", "text/plain; charset=utf-8")
        .set("Content-Length", text.length)
        .set("Connection", "close");
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Http1Exchange gone = current;
    current = null;
    if (gone != null) {
      gone.over();
    }
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug(
        "msg=\"connection failed\" remote={} cause=\"{}\"",
        context.channel().remoteAddress(),
        cause.getMessage());
    Http1Exchange failed = current;
    if (failed != null && failed.requestBody() != null) {
      failed.requestBody().end(new IOException(cause.getMessage(), cause));
    }
    context.close();
  }
}
