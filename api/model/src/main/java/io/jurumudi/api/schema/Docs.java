package io.jurumudi.api.schema;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.InflaterInputStream;

/**
 * Upstream's documentation of types and fields, from the resource {@code docs.bin}: a sequence of
 * (type name as UTF, length as int, deflated lines {@code field TAB text}). Nothing of it is kept
 * in memory: who needs much of it asks a type at a time.
 */
final class Docs {
  private Docs() {}

  /** The texts of a type by field name, the type's own under ""; empty where there are none. */
  static Map<String, String> of(String type) {
    try (InputStream resource = Docs.class.getResourceAsStream("docs.bin")) {
      if (resource == null) {
        return Map.of();
      }
      DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(resource, 1 << 16));
      while (true) {
        String name = in.readUTF();
        int length = in.readInt();
        if (name.isEmpty()) {
          return Map.of();
        }
        if (name.equals(type)) {
          return lines(in.readNBytes(length));
        }
        in.skipNBytes(length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("documentation resource", e);
    }
  }

  private static Map<String, String> lines(byte[] deflated) throws IOException {
    Map<String, String> texts = new HashMap<>();
    try (InputStream in = new InflaterInputStream(new java.io.ByteArrayInputStream(deflated))) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
        int tab = line.indexOf('\t');
        if (tab >= 0) {
          texts.put(line.substring(0, tab), line.substring(tab + 1).replace('\r', '\n'));
        }
      }
    }
    return texts;
  }
}
