package io.jurumudi.http;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A response body that is written as it comes. At most {@link #HIGH_WATER} bytes and one more write
 * are held for a peer that does not read. All methods may be called from any thread.
 */
public interface ResponseStream extends AutoCloseable {
  int HIGH_WATER = 256 * 1024;
  int LOW_WATER = 64 * 1024;

  /**
   * Sends, and blocks while the peer is slow: for virtual threads. The array is not copied and must
   * not be changed afterwards.
   *
   * @throws IOException when the peer is gone
   */
  void write(byte[] bytes) throws IOException;

  /**
   * Sends without ever blocking. False when the peer is gone or holds {@link #HIGH_WATER} bytes
   * already: then nothing was taken. The array is not copied.
   */
  boolean offer(byte[] bytes);

  /** Runs once, when less than {@link #LOW_WATER} is held; at once when that is so already. */
  void onWritable(Runnable action);

  /** Runs once, as soon as the peer has gone or the response has ended; at once if so already. */
  void onClose(Runnable action);

  boolean isClosed();

  /** The same as a stream; closing it ends the response. */
  OutputStream out();

  /** Ends the response after what was written. */
  @Override
  void close();

  /** Breaks the response off, so that the peer sees that it is not whole. */
  void abort();
}
