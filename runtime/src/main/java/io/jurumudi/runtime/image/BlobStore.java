package io.jurumudi.runtime.image;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Blobs by their digest: a file each under {@code blobs/sha256}, as an OCI layout has them. A blob
 * appears whole by a rename, so processes may share the directory. Holds no state but the path.
 */
public final class BlobStore {
  private final Path directory;
  private final Path temporary;

  BlobStore(Path root) throws IOException {
    directory = Files.createDirectories(root.resolve("blobs/sha256"));
    temporary = Files.createDirectories(root.resolve("tmp"));
  }

  public Path path(Digest d) {
    return directory.resolve(d.hex());
  }

  public boolean has(Digest d) {
    return Files.exists(path(d));
  }

  public byte[] read(Digest d) throws IOException {
    return Files.readAllBytes(path(d));
  }

  public Digest put(byte[] content) throws IOException {
    Digest d = Digest.of(content);
    if (!has(d)) {
      try (Upload u = begin()) {
        u.stream().write(content);
        u.commit();
      }
    }
    return d;
  }

  /**
   * Copies a stream into the store.
   *
   * @throws IOException when its digest or size is not the one announced; nothing is stored then
   */
  public void put(InputStream in, Descriptor expected) throws IOException {
    try (Upload u = begin()) {
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        size += n;
        if (size > expected.size() && expected.size() > 0) {
          throw new IOException(
              "blob " + expected.digest() + " is longer than its " + expected.size() + " bytes");
        }
        u.stream().write(buffer, 0, n);
      }
      u.commit(expected.digest());
    }
  }

  /** Begins a blob whose digest is known at its end. */
  public Upload begin() throws IOException {
    return new Upload();
  }

  List<Digest> list() throws IOException {
    List<Digest> all = new ArrayList<>();
    try (DirectoryStream<Path> s = Files.newDirectoryStream(directory)) {
      s.forEach(p -> all.add(new Digest(p.getFileName().toString())));
    }
    return all;
  }

  void delete(Digest d) throws IOException {
    Files.deleteIfExists(path(d));
  }

  /** A blob being written; closing it without a commit throws it away. One thread. */
  public final class Upload implements AutoCloseable {
    private final Path file = temporary.resolve("blob-" + UUID.randomUUID());
    private final MessageDigest md = Digest.sha256();
    private final OutputStream out;
    private long size;

    private Upload() throws IOException {
      out =
          new FilterOutputStream(Files.newOutputStream(file)) {
            @Override
            public void write(int b) throws IOException {
              write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] b, int off, int len) throws IOException {
              out.write(b, off, len);
              md.update(b, off, len);
              size += len;
            }
          };
    }

    public OutputStream stream() {
      return out;
    }

    public long size() {
      return size;
    }

    public Digest commit() throws IOException {
      out.close();
      Digest d = Digest.finish(md);
      Files.move(file, path(d), StandardCopyOption.ATOMIC_MOVE);
      return d;
    }

    void commit(Digest expected) throws IOException {
      out.close();
      Digest d = Digest.finish(md);
      if (!d.equals(expected)) {
        throw new IOException("blob " + expected + " has the digest " + d);
      }
      Files.move(file, path(d), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
      out.close();
      Files.deleteIfExists(file);
    }
  }
}
