package io.jurumudi.runtime.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** How a stream is compressed, told by its first bytes: media types are often wrong. */
public final class Compression {
  private static final int BUFFER = 1 << 16;

  private Compression() {}

  /** The plain content of a gzip, zstd, bzip2 or plain stream. */
  public static InputStream decompress(InputStream in) throws IOException {
    BufferedInputStream b = new BufferedInputStream(in, BUFFER);
    b.mark(4);
    byte[] magic = b.readNBytes(4);
    b.reset();
    if (starts(magic, 0x1f, 0x8b)) {
      return new GZIPInputStream(b, BUFFER);
    }
    if (starts(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new ZstdInputStream(b);
    }
    if (starts(magic, 'B', 'Z', 'h')) {
      return new BZip2CompressorInputStream(b, true);
    }
    return b;
  }

  private static boolean starts(byte[] content, int... magic) {
    if (content.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((content[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
