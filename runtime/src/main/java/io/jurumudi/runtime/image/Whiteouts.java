package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.UnixFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What hides files of lower layers, in a tar (names beginning with {@code .wh.}, OCI image
 * specification) and in a directory of overlayfs (a character device 0/0, or an attribute of an
 * opaque directory).
 */
public final class Whiteouts {
  static final String PREFIX = ".wh.";
  static final String OPAQUE = ".wh..wh..opq";
  public static final String OPAQUE_XATTR = "trusted.overlay.opaque";
  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

  private Whiteouts() {}

  /** Whether the file is an overlayfs whiteout. */
  public static boolean isWhiteout(Path file) {
    try {
      Stat s = Stat.of(file);
      return s.type() == Stat.CHARACTER_DEVICE && s.device() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  public static boolean isOpaque(Linux linux, Path directory) {
    return linux
        .files()
        .getXattr(directory, OPAQUE_XATTR)
        .filter(v -> Arrays.equals(v, YES))
        .isPresent();
  }

  public static void hide(Linux linux, Path file) {
    linux.files().mknod(file, UnixFiles.CHARACTER_DEVICE, 0, 0, 0);
  }

  public static void makeOpaque(Linux linux, Path directory) {
    linux.files().setXattr(directory, OPAQUE_XATTR, YES);
  }
}
