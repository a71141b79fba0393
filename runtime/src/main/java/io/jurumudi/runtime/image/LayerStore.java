package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Unpacked layers: a directory each, which overlays of many images and containers share as a lower
 * directory and nobody writes to. A directory is named by the first 128 bits of its layer's digest,
 * so that the names of some 110 layers fit the one page that mount(2) takes; a layer that took
 * directories over from those below it (see {@link LayerUnpacker}) is named with them.
 *
 * <p>A layer appears whole by a rename, so processes may share the store. Beside it a file {@code
 * NAME.bytes} holds its size on disk.
 */
public final class LayerStore {
  private static final int NAME_LENGTH = 32;

  private final Linux linux;
  private final Path directory;
  private final Path temporary;

  LayerStore(Linux linux, Path root) throws IOException {
    this.linux = linux;
    directory = Files.createDirectories(root.resolve("layers"));
    temporary = Files.createDirectories(root.resolve("tmp"));
  }

  public Path directory() {
    return directory;
  }

  public Path path(String name) {
    return directory.resolve(name);
  }

  /** The tree that an image's layers (the base first) make. */
  public LayeredView view(List<String> names) {
    return new LayeredView(linux, names.reversed().stream().map(this::path).toList());
  }

  /** The unpacked layer of that digest upon those below it, when it is there. */
  public Optional<String> find(Digest diffId, List<String> below) {
    String own = name(diffId);
    if (Files.isDirectory(path(own))) {
      return Optional.of(own);
    }
    String chained = name(diffId, below);
    return Files.isDirectory(path(chained)) ? Optional.of(chained) : Optional.empty();
  }

  /**
   * Unpacks a layer, unless it is there.
   *
   * @param tar plain or compressed
   * @param below names of the layers it lies upon, the base first
   * @return its name
   * @throws IOException when the tar's digest is not {@code diffId}, or it cannot be unpacked
   */
  public String unpack(InputStream tar, Digest diffId, List<String> below) throws IOException {
    Path temp = newDirectory();
    try {
      LayerUnpacker u = new LayerUnpacker(linux, temp, view(below), true);
      try (InputStream plain = Compression.decompress(tar);
          DigestInputStream digested = new DigestInputStream(plain, Digest.sha256())) {
        u.unpack(digested);
        // What follows the end mark counts for the digest too.
        byte[] rest = new byte[1 << 14];
        while (digested.read(rest) >= 0) {
          // to the end
        }
        Digest actual = Digest.finish(digested.getMessageDigest());
        if (!actual.equals(diffId)) {
          throw new IOException("layer " + diffId + " has the digest " + actual);
        }
      }
      return commit(temp, u.dependsOnBelow() ? name(diffId, below) : name(diffId));
    } finally {
      FileTree.delete(temp);
    }
  }

  /** Whether ADD would unpack the file: a tar, plain or compressed. */
  public boolean isArchive(Path file) {
    try (InputStream plain = Compression.decompress(Files.newInputStream(file))) {
      return new TarReader(plain).next().isPresent();
    } catch (IOException | RuntimeException e) {
      return false; // any other file
    }
  }

  /** Unpacks an archive into a directory of a layer that is being made. */
  public void extract(Path archive, Path into) throws IOException {
    try (InputStream plain = Compression.decompress(Files.newInputStream(archive))) {
      new LayerUnpacker(linux, into, new LayeredView(linux, List.of()), false).unpack(plain);
    }
  }

  /** A directory to make a layer in, on the same file system. */
  public Path newDirectory() throws IOException {
    Path temp = temporary.resolve("layer-" + UUID.randomUUID());
    Files.createDirectories(temp);
    linux.files().chmod(temp, 0755);
    return temp;
  }

  /** Takes a finished directory over as the layer of that digest; returns its name. */
  public String adopt(Path made, Digest diffId) throws IOException {
    return commit(made, name(diffId));
  }

  private String commit(Path made, String name) throws IOException {
    long bytes = FileTree.usage(made).bytes();
    Files.writeString(sizeFile(name), Long.toString(bytes));
    try {
      Files.move(made, path(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (IOException e) {
      // Another was quicker: its directory has the same content.
      if (!Files.isDirectory(path(name))) {
        throw e;
      }
      FileTree.delete(made);
    }
    return name;
  }

  private Path sizeFile(String name) {
    return directory.resolve(name + ".bytes");
  }

  /** Bytes on disk by name. */
  Map<String, Long> sizes() throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    for (String name : list()) {
      sizes.put(name, size(name));
    }
    return sizes;
  }

  long size(String name) {
    try {
      return Long.parseLong(Files.readString(sizeFile(name)));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> s = Files.newDirectoryStream(directory)) {
      for (Path p : s) {
        if (Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)) {
          names.add(p.getFileName().toString());
        }
      }
    }
    return names;
  }

  void delete(String name) throws IOException {
    // Out of the way in one step, so that no half a layer is ever seen.
    Path gone = temporary.resolve("gone-" + UUID.randomUUID());
    Files.move(path(name), gone, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(sizeFile(name));
    FileTree.delete(gone);
  }

  private static String name(Digest diffId) {
    return diffId.hex().substring(0, NAME_LENGTH);
  }

  private static String name(Digest diffId, List<String> below) {
    String chain = String.join("/", below) + "/" + diffId.hex();
    return Digest.of(chain.getBytes(StandardCharsets.UTF_8)).hex().substring(0, NAME_LENGTH);
  }
}
