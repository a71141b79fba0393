package io.jurumudi.http;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection as two byte streams: what is left of an HTTP connection after an upgrade. The
 * streams block and are meant for virtual threads; one thread may read while another writes.
 */
public interface Duplex extends Closeable {
  InputStream in();

  /** Writes go out at once and block while the peer does not take them. */
  OutputStream out();

  /** Ends both directions at once; a blocked read or write fails. Never blocks. */
  @Override
  void close();
}
