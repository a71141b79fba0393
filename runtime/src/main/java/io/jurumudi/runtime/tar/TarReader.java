package io.jurumudi.runtime.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a tar stream member by member: ustar, PAX (POSIX.1-2001) and GNU long names. PAX values are
 * kept as bytes, since file capabilities are binary. Sparse members are refused.
 *
 * <p>Used by one thread. Between two calls of {@link #next} the content of the member is read from
 * {@link #content}.
 */
public final class TarReader {
  private static final int BLOCK = 512;

  /** Most bytes of one extended header: attributes and long paths together. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private static final String XATTR = "SCHILY.xattr.";

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private final byte[] skipped = new byte[1 << 14];
  private Content content = new Content(0);
  private final Map<String, byte[]> globals = new HashMap<>();

  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next member; empty at the end of the archive. */
  public Optional<TarEntry> next() throws IOException {
    Map<String, byte[]> pax = new HashMap<>(globals);
    String longName = "";
    String longLink = "";
    while (true) {
      content.finish();
      if (!readHeader()) {
        return Optional.empty();
      }
      char flag = (char) header[156];
      long size = number(124, 12);
      switch (flag) {
        case 'x', 'X' -> parsePax(block(size), pax);
        case 'g' -> {
          byte[] b = block(size);
          parsePax(b, globals);
          parsePax(b, pax);
        }
        case 'L' -> longName = cString(block(size));
        case 'K' -> longLink = cString(block(size));
        default -> {
          return Optional.of(entry(flag, size, pax, longName, longLink));
        }
      }
    }
  }

  /** Content of the current member. */
  public InputStream content() {
    return content;
  }

  private TarEntry entry(
      char flag, long size, Map<String, byte[]> pax, String longName, String longLink)
      throws IOException {
    String name = longName.isEmpty() ? headerName() : longName;
    String link = longLink.isEmpty() ? field(157, 100) : longLink;
    name = text(pax, "path", name);
    link = text(pax, "linkpath", link);
    if (flag == 'S' || pax.keySet().stream().anyMatch(k -> k.startsWith("GNU.sparse."))) {
      throw new IOException("sparse member in tar: " + name);
    }
    TarEntry.Type type =
        switch (flag) {
          case '0', '\0', '7' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
          case '1' -> TarEntry.Type.HARD_LINK;
          case '2' -> TarEntry.Type.SYMLINK;
          case '3' -> TarEntry.Type.CHARACTER_DEVICE;
          case '4' -> TarEntry.Type.BLOCK_DEVICE;
          case '5' -> TarEntry.Type.DIRECTORY;
          case '6' -> TarEntry.Type.FIFO;
          default -> throw new IOException("member of unknown type " + flag + " in tar: " + name);
        };
    size = Long.parseLong(text(pax, "size", Long.toString(size)));
    long mtime = number(136, 12);
    int nanos = 0;
    byte[] paxTime = pax.get("mtime");
    if (paxTime != null) {
      String[] parts = new String(paxTime, StandardCharsets.UTF_8).split("\\.", 2);
      mtime = Long.parseLong(parts[0]);
      if (parts.length == 2) {
        nanos = Integer.parseInt((parts[1] + "000000000").substring(0, 9));
      }
    }
    Map<String, byte[]> xattrs = new HashMap<>();
    pax.forEach(
        (k, v) -> {
          if (k.startsWith(XATTR)) {
            xattrs.put(k.substring(XATTR.length()), v);
          }
        });
    long bytes = type == TarEntry.Type.FILE ? size : 0;
    if (type == TarEntry.Type.FILE || type == TarEntry.Type.HARD_LINK) {
      // Some writers repeat the size at a hard link without content; POSIX lets content follow.
      content = new Content(bytes);
    }
    while (name.endsWith("/")) {
      name = name.substring(0, name.length() - 1);
    }
    return new TarEntry(
        type,
        name,
        link,
        (int) number(100, 8) & 07777,
        Long.parseLong(text(pax, "uid", Long.toString(number(108, 8)))),
        Long.parseLong(text(pax, "gid", Long.toString(number(116, 8)))),
        bytes,
        mtime,
        nanos,
        (int) number(329, 8),
        (int) number(337, 8),
        xattrs);
  }

  private boolean readHeader() throws IOException {
    int n = in.readNBytes(header, 0, BLOCK);
    if (n == 0) {
      return false;
    }
    if (n < BLOCK) {
      throw new EOFException("tar ends in the middle of a header");
    }
    long sum = 0;
    boolean zero = true;
    for (int i = 0; i < BLOCK; i++) {
      int b = header[i] & 0xff;
      zero &= b == 0;
      sum += i >= 148 && i < 156 ? ' ' : b;
    }
    if (zero) {
      return false;
    }
    if (number(148, 8) != sum) {
      throw new IOException("not a tar archive: a header's checksum is wrong");
    }
    return true;
  }

  private String headerName() {
    String name = field(0, 100);
    boolean posix = field(257, 6).equals("ustar") && header[263] == '0';
    String prefix = posix ? field(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private byte[] block(long size) throws IOException {
    if (size > MAX_HEADER_BYTES) {
      throw new IOException("an extended tar header of more than " + MAX_HEADER_BYTES + " bytes");
    }
    Content c = new Content(size);
    byte[] b = c.readAllBytes();
    c.finish();
    if (b.length < size) {
      throw new EOFException("tar ends in the middle of a header");
    }
    return b;
  }

  /** Records of {@code length key=value\n}, the length counting itself. */
  private static void parsePax(byte[] b, Map<String, byte[]> into) throws IOException {
    int at = 0;
    while (at < b.length) {
      int space = at;
      while (space < b.length && b[space] != ' ') {
        space++;
      }
      int length;
      try {
        length = Integer.parseInt(new String(b, at, space - at, StandardCharsets.US_ASCII));
      } catch (NumberFormatException e) {
        throw new IOException("a PAX header that cannot be read", e);
      }
      int end = at + length;
      int eq = space;
      while (eq < Math.min(end, b.length) && b[eq] != '=') {
        eq++;
      }
      if (length <= 0 || end > b.length || eq >= end) {
        throw new IOException("a PAX header that cannot be read");
      }
      String key = new String(b, space + 1, eq - space - 1, StandardCharsets.UTF_8);
      into.put(key, Arrays.copyOfRange(b, eq + 1, end - 1));
      at = end;
    }
  }

  private static String text(Map<String, byte[]> pax, String key, String otherwise) {
    byte[] v = pax.get(key);
    return v == null || v.length == 0 ? otherwise : new String(v, StandardCharsets.UTF_8);
  }

  private String field(int from, int length) {
    return cString(Arrays.copyOfRange(header, from, from + length));
  }

  private static String cString(byte[] b) {
    int n = 0;
    while (n < b.length && b[n] != 0) {
      n++;
    }
    return new String(b, 0, n, StandardCharsets.UTF_8);
  }

  /** Octal text, or GNU's big-endian binary when the first bit is set. */
  private long number(int from, int length) throws IOException {
    if ((header[from] & 0x80) != 0) {
      long v = header[from] & 0x3f;
      for (int i = from + 1; i < from + length; i++) {
        v = v << 8 | (header[i] & 0xff);
      }
      return v;
    }
    String s = field(from, length).trim();
    try {
      return s.isEmpty() ? 0 : Long.parseLong(s, 8);
    } catch (NumberFormatException e) {
      throw new IOException("a tar header that cannot be read", e);
    }
  }

  /** The bytes of one member, and the padding after them. */
  private final class Content extends InputStream {
    private long left;
    private long padding;

    Content(long size) {
      left = size;
      padding = (BLOCK - size % BLOCK) % BLOCK;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = in.read(b, off, (int) Math.min(len, left));
      if (n < 0) {
        throw new EOFException("tar ends in the middle of a member");
      }
      left -= n;
      return n;
    }

    void finish() throws IOException {
      // Read and not skipped: a stream that computes a digest must see every byte.
      long n = left + padding;
      while (n > 0) {
        int r = in.read(skipped, 0, (int) Math.min(skipped.length, n));
        if (r < 0) {
          throw new EOFException("tar ends in the middle of a member");
        }
        n -= r;
      }
      left = 0;
      padding = 0;
    }
  }
}
