package io.jurumudi.apiserver.openapi;

import io.jurumudi.apiserver.discovery.Discovery;
import io.jurumudi.machinery.codec.Trees;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A document, kept compressed, since few ask and most that do can read it so. */
@SuppressWarnings("ArrayRecordComponent")
record Document(byte[] gzip, String hash) {

  static Document of(Map<String, @Nullable Object> tree) {
    byte[] json = Trees.writeJson(tree);
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length / 8);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Document(out.toByteArray(), Discovery.hash(json));
  }

  byte[] plain() {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
