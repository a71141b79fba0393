package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** A channel after its upgrade, as two blocking streams. */
@SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the channel, which tells.
final class NettyDuplex extends ChannelInboundHandlerAdapter implements Duplex {
  /** How long the peer may take to accept what was written before a close. */
  private static final int CLOSE_SECONDS = 10;

  private final Channel channel;
  private final InboundBytes in;
  private final OutboundBytes out;

  NettyDuplex(Channel channel) {
    this.channel = channel;
    this.in = new InboundBytes(channel, () -> {});
    this.out =
        new OutboundBytes(
            channel,
            new OutboundBytes.Sink() {
              @Override
              public ChannelFuture write(ByteBuf data) {
                return channel.write(data);
              }

              @Override
              public void flush() {
                channel.flush();
              }

              @Override
              public void end() {
                var timeout =
                    channel
                        .eventLoop()
                        .schedule(() -> channel.close(), CLOSE_SECONDS, TimeUnit.SECONDS);
                channel
                    .writeAndFlush(channel.alloc().buffer(0, 0))
                    .addListener(
                        written -> {
                          timeout.cancel(false);
                          channel.close();
                        });
              }

              @Override
              public void abort() {
                channel.close();
              }
            });
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out.out();
  }

  @Override
  public void close() {
    in.discard();
    out.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof ByteBuf data && !in.add(data)) {
        channel.close();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    in.end(null);
    out.gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    in.end(new IOException(cause.getMessage(), cause));
    channel.close();
  }
}
