package io.jurumudi.kubelet.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The end of a log file. */
public final class LogTail {
  private static final int BLOCK = 8192;
  private static final int MESSAGE_LINES = 80;
  private static final int MESSAGE_BYTES = 2048;

  private LogTail() {}

  /** Offset at which the last {@code lines} lines begin. */
  static long offset(FileChannel file, long lines) throws IOException {
    long size = file.size();
    if (lines <= 0) {
      return lines == 0 ? size : 0;
    }
    long found = 0;
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    for (long end = size; end > 0; ) {
      long start = Math.max(0, end - BLOCK);
      block.clear().limit((int) (end - start));
      while (block.hasRemaining() && file.read(block, start + block.position()) > 0) {}
      for (int i = block.position() - 1; i >= 0; i--) {
        // The newline that ends the file ends its last line, it does not begin another.
        if (block.get(i) == '\n' && start + i != size - 1 && ++found == lines) {
          return start + i + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  /** The last lines of a failed container's log, to stand in for a termination message. */
  public static String lastWords(Path log) {
    if (!Files.isRegularFile(log)) {
      return "";
    }
    try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
      file.position(offset(file, MESSAGE_LINES));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      LogReader.copy(file, LogOptions.ALL, out);
      byte[] all = out.toByteArray();
      int from = Math.max(0, all.length - MESSAGE_BYTES);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "Error on reading termination message from logs: " + e.getMessage();
    }
  }
}
