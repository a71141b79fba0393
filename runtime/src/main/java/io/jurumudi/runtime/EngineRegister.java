package io.jurumudi.runtime;

import io.jurumudi.runtime.container.Layout;
import io.jurumudi.runtime.container.LocalRuntime;
import io.jurumudi.runtime.image.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which engines use a directory of images: a file each below {@code engines}, holding where the
 * engine keeps its containers. Whoever collects unused layers asks all of them.
 */
final class EngineRegister {
  private final Path directory;

  EngineRegister(Path imageDir) {
    directory = imageDir.resolve("engines");
  }

  void add(Layout layout) throws IOException {
    Files.createDirectories(directory);
    Files.write(file(layout), List.of(layout.dataDir().toString(), layout.stateDir().toString()));
  }

  void remove(Layout layout) throws IOException {
    Files.deleteIfExists(file(layout));
  }

  /** Names of the layers that any engine's containers stand on. */
  Set<String> layersInUse() {
    Set<String> layers = new HashSet<>();
    if (!Files.isDirectory(directory)) {
      return layers;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        try {
          List<String> lines = Files.readAllLines(file);
          layers.addAll(
              LocalRuntime.layersInUse(new Layout(Path.of(lines.get(0)), Path.of(lines.get(1)))));
        } catch (NoSuchFileException e) {
          // that engine has just been destroyed
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return layers;
  }

  private Path file(Layout layout) {
    return directory.resolve(
        Digest.of(layout.dataDir().toString().getBytes(StandardCharsets.UTF_8)).hex());
  }
}
