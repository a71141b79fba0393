package io.jurumudi.http.spdy;

import io.jurumudi.http.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Header blocks of one connection. Both directions are one zlib stream each over all frames, primed
 * with the dictionary of SPDY draft 3 (section 2.6.10.1). Writing and reading may be two threads.
 */
final class HeaderBlocks implements AutoCloseable {
  /** Of a block after inflation. */
  static final int MAX_BYTES = 64 * 1024;

  /** Each with its length before it. */
  private static final String WORDS =
      "options|head|post|put|delete|trace|accept|accept-charset|accept-encoding|accept-language|"
          + "accept-ranges|age|allow|authorization|cache-control|connection|content-base|"
          + "content-encoding|content-language|content-length|content-location|content-md5|"
          + "content-range|content-type|date|etag|expect|expires|from|host|if-match|"
          + "if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|location|"
          + "max-forwards|pragma|proxy-authenticate|proxy-authorization|range|referer|retry-after|"
          + "server|te|trailer|transfer-encoding|upgrade|user-agent|vary|via|warning|"
          + "www-authenticate|method|get|status|200 OK|version|HTTP/1.1|url|public|set-cookie|"
          + "keep-alive|origin";

  private static final String TAIL =
      "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
          + "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
          + "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error"
          + "501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov "
          + "Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,"
          + "image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
          + "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

  private static final byte[] DICTIONARY = dictionary();

  private final Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
  private final Inflater inflater = new Inflater();

  HeaderBlocks() {
    deflater.setDictionary(DICTIONARY);
  }

  static byte[] dictionary() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1423);
    for (String word : WORDS.split("\\|", -1)) {
      bytes.write(0);
      bytes.write(0);
      bytes.write(0);
      bytes.write(word.length());
      bytes.writeBytes(word.getBytes(StandardCharsets.US_ASCII));
    }
    bytes.writeBytes(TAIL.getBytes(StandardCharsets.US_ASCII));
    return bytes.toByteArray();
  }

  /** Values of the same name are joined with a zero byte. */
  byte[] write(Headers headers) throws IOException {
    Map<String, String> joined = new LinkedHashMap<>();
    headers.forEach(
        (name, value) ->
            joined.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + "\0" + b));
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(plain);
    out.writeInt(joined.size());
    for (Map.Entry<String, String> field : joined.entrySet()) {
      writeText(out, field.getKey());
      writeText(out, field.getValue());
    }
    deflater.setInput(plain.toByteArray());
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    byte[] buffer = new byte[1024];
    int count;
    do {
      count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
      compressed.write(buffer, 0, count);
    } while (count == buffer.length);
    return compressed.toByteArray();
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  Headers read(byte[] compressed, int offset) throws IOException {
    byte[] plain = inflate(compressed, offset);
    Headers headers = new Headers();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      String name = readText(in);
      for (String value : readText(in).split("\0", -1)) {
        headers.add(name, value);
      }
    }
    return headers;
  }

  private byte[] inflate(byte[] compressed, int offset) throws IOException {
    inflater.setInput(compressed, offset, compressed.length - offset);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    try {
      while (true) {
        int count = inflater.inflate(buffer);
        plain.write(buffer, 0, count);
        if (plain.size() > MAX_BYTES) {
          throw new IOException("a SPDY header block exceeds " + MAX_BYTES + " bytes");
        }
        if (count == 0) {
          if (!inflater.needsDictionary()) {
            return plain.toByteArray();
          }
          inflater.setDictionary(DICTIONARY);
        }
      }
    } catch (DataFormatException | IllegalArgumentException e) {
      throw new IOException("a SPDY header block does not inflate: " + e.getMessage(), e);
    }
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("a SPDY header of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("a SPDY header block ends early");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    deflater.end();
    inflater.end();
  }
}
