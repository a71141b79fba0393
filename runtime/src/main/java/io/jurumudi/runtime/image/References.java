package io.jurumudi.runtime.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.linux.FileFlock;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Names of images: {@code docker.io/library/web:1} or {@code …@sha256:…} to the digest of a
 * manifest. The file is the truth, since a build in another process adds to it; what was read last
 * is kept and used again as long as the file is the same.
 */
final class References {
  private final Path file;
  private final Path lockFile;

  @GuardedBy("this")
  private Map<String, Digest> last = Map.of();

  @GuardedBy("this")
  private Object lastKey = "";

  References(Path root) {
    file = root.resolve("images.json");
    lockFile = root.resolve("images.lock");
  }

  synchronized Map<String, Digest> all() throws IOException {
    Object key;
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      key = a.fileKey() + "/" + a.lastModifiedTime() + "/" + a.size();
    } catch (NoSuchFileException e) {
      return Map.of();
    }
    if (!key.equals(lastKey)) {
      last = Collections.unmodifiableMap(read());
      lastKey = key;
    }
    return last;
  }

  private Map<String, Digest> read() throws IOException {
    Map<String, Digest> refs = new TreeMap<>();
    if (Files.exists(file)) {
      Json.object(Json.parseObject(Files.readAllBytes(file)), "references")
          .forEach((k, v) -> refs.put(k, Digest.parse(String.valueOf(v))));
    }
    return refs;
  }

  /** Changes the names in one step among all threads and processes. */
  synchronized void change(Consumer<Map<String, Digest>> change) throws IOException {
    try (FileFlock held = FileFlock.alone(lockFile)) {
      assert held != null;
      Map<String, Digest> refs = read();
      change.accept(refs);
      Map<String, Object> tree = new TreeMap<>();
      refs.forEach((k, v) -> tree.put(k, v.toString()));
      Json.writeFile(file, Map.of("references", tree));
    }
  }
}
