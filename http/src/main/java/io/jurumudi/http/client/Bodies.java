package io.jurumudi.http.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The two framings of an HTTP/1.1 body that have an end of their own. */
final class Bodies {
  private Bodies() {}

  /** A line without its end. */
  static String readLine(InputStream in, int[] left) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(80);
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("the server closed the connection before its answer was whole");
      }
      if (--left[0] < 0) {
        throw new IOException("the answer's head is too long");
      }
      if (c == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(c);
    }
  }

  static final class Counted extends InputStream {
    private final InputStream in;
    private long left;

    Counted(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left <= 0) {
        return -1;
      }
      int count = in.read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("unexpected EOF");
      }
      left -= count;
      return count;
    }
  }

  static final class Chunked extends InputStream {
    private final InputStream in;
    private long left;
    private boolean first = true;
    private boolean ended;

    Chunked(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left == 0 && !nextChunk()) {
        return -1;
      }
      int count = in.read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("unexpected EOF");
      }
      left -= count;
      return count;
    }

    private boolean nextChunk() throws IOException {
      if (ended) {
        return false;
      }
      int[] limit = {64 * 1024};
      if (!first && !readLine(in, limit).isEmpty()) {
        throw new IOException("a chunk is longer than it says");
      }
      first = false;
      String size = readLine(in, limit);
      int extension = size.indexOf(';');
      try {
        left = Long.parseLong(extension < 0 ? size : size.substring(0, extension).strip(), 16);
      } catch (NumberFormatException e) {
        throw new IOException("a chunk of size " + size, e);
      }
      if (left == 0) {
        ended = true;
        while (!readLine(in, limit).isEmpty()) {
          // Trailers say nothing here.
        }
      }
      return left > 0;
    }
  }
}
