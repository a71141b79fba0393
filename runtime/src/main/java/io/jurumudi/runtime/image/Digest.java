package io.jurumudi.runtime.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** {@code sha256:} and 64 hexadecimal digits, as the OCI image specification writes it. */
public record Digest(String hex) implements Comparable<Digest> {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final String PREFIX = "sha256:";

  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a sha256 digest: " + hex);
    }
  }

  /** Reads {@code sha256:…}; no other algorithm is known here. */
  public static Digest parse(String s) {
    if (!s.startsWith(PREFIX)) {
      throw new IllegalArgumentException("not a sha256 digest: " + s);
    }
    return new Digest(s.substring(PREFIX.length()));
  }

  public static Digest of(byte[] content) {
    return new Digest(HexFormat.of().formatHex(sha256().digest(content)));
  }

  /** Of a finished {@link #sha256()}. */
  public static Digest finish(MessageDigest md) {
    return new Digest(HexFormat.of().formatHex(md.digest()));
  }

  public static Digest of(InputStream in) throws IOException {
    MessageDigest md = sha256();
    byte[] buffer = new byte[1 << 16];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      md.update(buffer, 0, n);
    }
    return finish(md);
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int compareTo(Digest o) {
    return hex.compareTo(o.hex);
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
