package io.jurumudi.runtime.build;

import io.jurumudi.runtime.image.Descriptor;
import io.jurumudi.runtime.image.Digest;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter.Layer;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layers of earlier builds by the digest of all that decided them: the layers below, the
 * instruction, its files. An entry counts while its layer is there; it does not keep it from being
 * collected.
 */
final class BuildCache {
  private final ImageStore images;
  private final Path directory;

  BuildCache(ImageStore images) throws IOException {
    this.images = images;
    this.directory = Files.createDirectories(images.root().resolve("build-cache"));
  }

  /** A result: the layer that a step made, or none because it changed nothing. */
  record Result(Optional<Layer> layer) {}

  static String key(List<String> below, String step) {
    return Digest.of((String.join("\n", below) + "\n" + step).getBytes(StandardCharsets.UTF_8))
        .hex();
  }

  Optional<Result> find(String key, List<String> below) {
    try {
      Map<String, Object> m = Json.parseObject(Files.readAllBytes(directory.resolve(key)));
      if (Json.bool(m, "empty")) {
        return Optional.of(new Result(Optional.empty()));
      }
      Descriptor blob = Descriptor.read(Json.object(m, "blob"));
      Digest diffId = Digest.parse(Json.string(m, "diffId"));
      Optional<String> name = images.layers().find(diffId, below);
      if (name.isEmpty() || !images.blobs().has(blob.digest())) {
        return Optional.empty();
      }
      return Optional.of(new Result(Optional.of(new Layer(blob, diffId, name.get()))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // not known
    }
  }

  void put(String key, Result result) throws IOException {
    Map<String, Object> m = new LinkedHashMap<>();
    if (result.layer().isEmpty()) {
      m.put("empty", true);
    } else {
      m.put("blob", result.layer().get().blob().tree());
      m.put("diffId", result.layer().get().diffId().toString());
    }
    Json.writeFile(directory.resolve(key), m);
  }
}
