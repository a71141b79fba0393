package io.jurumudi.http.streaming;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams of an exec or attach; null for one that was not asked for.
 *
 * @param stdin ends when the client closes its side or goes away
 * @param resizes takes the one listener for the terminal's sizes; those that came before are given
 *     to it at once, and it is called from the connection's thread: must not block
 * @param onClose takes actions that run as soon as the client has gone
 */
public record RemoteStreams(
    @Nullable InputStream stdin,
    @Nullable OutputStream stdout,
    @Nullable OutputStream stderr,
    boolean tty,
    Consumer<Consumer<Size>> resizes,
    Consumer<Runnable> onClose) {

  /** Of a terminal, in characters. */
  public record Size(int width, int height) {}
}
