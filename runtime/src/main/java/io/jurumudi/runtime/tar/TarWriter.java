package io.jurumudi.runtime.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar stream of POSIX.1-2001: what does not fit a ustar header goes to a PAX header. The
 * same members give the same bytes always. Used by one thread.
 */
public final class TarWriter implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final long MAX_OCTAL_7 = 0_7777777L;
  private static final long MAX_OCTAL_11 = 0_77777777777L;

  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes a member without content. */
  public void put(TarEntry e) throws IOException {
    put(e, InputStream.nullInputStream());
  }

  /** Writes a member with {@code e.size()} bytes of content. */
  public void put(TarEntry e, InputStream content) throws IOException {
    String name = e.type() == TarEntry.Type.DIRECTORY ? e.name() + "/" : e.name();
    Map<String, byte[]> pax = new TreeMap<>();
    if (!fits(name)) {
      pax.put("path", name.getBytes(StandardCharsets.UTF_8));
    }
    if (!fits(e.linkName())) {
      pax.put("linkpath", e.linkName().getBytes(StandardCharsets.UTF_8));
    }
    number(pax, "uid", e.uid(), MAX_OCTAL_7);
    number(pax, "gid", e.gid(), MAX_OCTAL_7);
    number(pax, "size", e.size(), MAX_OCTAL_11);
    number(pax, "mtime", e.mtimeSeconds(), MAX_OCTAL_11);
    e.xattrs().forEach((k, v) -> pax.put("SCHILY.xattr." + k, v));
    if (!pax.isEmpty()) {
      byte[] records = records(pax);
      header('x', "PaxHeaders/" + tail(name), "", 0644, 0, 0, records.length, 0, 0, 0);
      out.write(records);
      pad(records.length);
    }
    header(
        e.type().flag(),
        name,
        e.linkName(),
        e.mode(),
        e.uid(),
        e.gid(),
        e.size(),
        e.mtimeSeconds(),
        e.devMajor(),
        e.devMinor());
    long left = e.size();
    while (left > 0) {
      int n = content.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new IOException("content of " + e.name() + " is shorter than " + e.size());
      }
      out.write(buffer, 0, n);
      left -= n;
    }
    pad(e.size());
  }

  private static boolean fits(String s) {
    return s.length() <= 100 && s.chars().allMatch(c -> c > 0 && c < 128);
  }

  private static String tail(String name) {
    String ascii = name.replaceAll("[^\\x21-\\x7e]", "_");
    return ascii.length() <= 80 ? ascii : ascii.substring(ascii.length() - 80);
  }

  private static void number(Map<String, byte[]> pax, String key, long value, long max) {
    if (value > max || value < 0) {
      pax.put(key, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static byte[] records(Map<String, byte[]> pax) {
    ByteArrayOutputStream b = new ByteArrayOutputStream();
    pax.forEach(
        (k, v) -> {
          byte[] key = k.getBytes(StandardCharsets.UTF_8);
          int rest = key.length + v.length + 3;
          int length = rest + Integer.toString(rest).length();
          if (Integer.toString(length).length() > Integer.toString(rest).length()) {
            length++;
          }
          b.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
          b.write(' ');
          b.writeBytes(key);
          b.write('=');
          b.writeBytes(v);
          b.write('\n');
        });
    return b.toByteArray();
  }

  private void header(
      char flag,
      String name,
      String link,
      int mode,
      long uid,
      long gid,
      long size,
      long mtime,
      int major,
      int minor)
      throws IOException {
    byte[] h = new byte[BLOCK];
    ascii(h, 0, 100, fits(name) ? name : tail(name));
    octal(h, 100, 8, mode);
    octal(h, 108, 8, uid > MAX_OCTAL_7 ? 0 : uid);
    octal(h, 116, 8, gid > MAX_OCTAL_7 ? 0 : gid);
    octal(h, 124, 12, size > MAX_OCTAL_11 ? 0 : size);
    octal(h, 136, 12, mtime > MAX_OCTAL_11 || mtime < 0 ? 0 : mtime);
    h[156] = (byte) flag;
    ascii(h, 157, 100, fits(link) ? link : tail(link));
    ascii(h, 257, 6, "ustar");
    h[263] = '0';
    h[264] = '0';
    octal(h, 329, 8, major);
    octal(h, 337, 8, minor);
    long sum = 8 * ' ';
    for (byte b : h) {
      sum += b & 0xff;
    }
    octal(h, 148, 7, sum);
    h[155] = ' ';
    out.write(h);
  }

  private static void ascii(byte[] h, int at, int length, String s) {
    byte[] b = s.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(b, 0, h, at, Math.min(length, b.length));
  }

  private static void octal(byte[] h, int at, int length, long value) {
    String s = Long.toOctalString(value);
    ascii(h, at, length - 1, "0".repeat(Math.max(0, length - 1 - s.length())) + s);
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
  }

  /** Ends the archive; does not close the stream below. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }
}
