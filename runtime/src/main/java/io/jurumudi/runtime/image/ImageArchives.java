package io.jurumudi.runtime.image;

import io.jurumudi.runtime.json.Json;
import io.jurumudi.runtime.tar.TarEntry;
import io.jurumudi.runtime.tar.TarReader;
import io.jurumudi.runtime.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Images in files: OCI layouts (a directory or a tar of one) and Docker archives ({@code docker
 * save}). What is written is both at once, so that every tool reads it. Holds no state.
 */
public final class ImageArchives {
  private static final int MAX_JSON = 16 << 20;
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";

  private final ImageStore store;

  public ImageArchives(ImageStore store) {
    this.store = store;
  }

  // ---- writing

  /** Writes a tar with the images. */
  public void export(List<String> names, OutputStream out) throws IOException {
    try (ImageStore.Adding adding = store.adding();
        TarWriter tar = new TarWriter(out)) {
      assert adding != null;
      List<Object> index = new ArrayList<>();
      List<Object> docker = new ArrayList<>();
      Set<Digest> blobs = new LinkedHashSet<>();
      for (String name : names) {
        Image image = find(name);
        String full = ImageName.parse(name).tagged();
        blobs.add(image.manifest());
        blobs.add(image.id());
        image.layers().forEach(l -> blobs.add(l.digest()));
        index.add(indexEntry(image, full));
        Map<String, Object> d = new LinkedHashMap<>();
        d.put("Config", blobPath(image.id()));
        d.put("RepoTags", List.of(full));
        d.put("Layers", image.layers().stream().<Object>map(l -> blobPath(l.digest())).toList());
        docker.add(d);
      }
      for (String dir : List.of("blobs", "blobs/sha256")) {
        tar.put(entry(TarEntry.Type.DIRECTORY, dir, 0));
      }
      for (Digest b : blobs) {
        Path file = store.blobs().path(b);
        try (InputStream in = Files.newInputStream(file)) {
          tar.put(entry(TarEntry.Type.FILE, blobPath(b), Files.size(file)), in);
        }
      }
      put(tar, "oci-layout", Json.write(Map.of("imageLayoutVersion", "1.0.0")));
      put(tar, "index.json", index(index));
      put(tar, "manifest.json", Json.write(docker));
    }
  }

  /** Writes an OCI layout into a directory, which may have one already. */
  public void exportLayout(List<String> names, Path directory) throws IOException {
    try (ImageStore.Adding adding = store.adding()) {
      assert adding != null;
      Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
      List<Object> index = new ArrayList<>();
      for (String name : names) {
        Image image = find(name);
        index.add(indexEntry(image, ImageName.parse(name).tagged()));
        List<Digest> all = new ArrayList<>(List.of(image.manifest(), image.id()));
        image.layers().forEach(l -> all.add(l.digest()));
        for (Digest d : all) {
          if (!Files.exists(blobs.resolve(d.hex()))) {
            Files.copy(store.blobs().path(d), blobs.resolve(d.hex()));
          }
        }
      }
      Json.replaceFile(
          directory.resolve("oci-layout"), Json.write(Map.of("imageLayoutVersion", "1.0.0")));
      Json.replaceFile(directory.resolve("index.json"), index(index));
    }
  }

  private Image find(String name) throws IOException {
    return store.find(name).orElseThrow(() -> new IOException("no image " + name));
  }

  private Object indexEntry(Image image, String full) throws IOException {
    Map<String, Object> e =
        new Descriptor(
                MediaTypes.OCI_MANIFEST,
                image.manifest(),
                Files.size(store.blobs().path(image.manifest())))
            .tree();
    Map<String, Object> annotations = new LinkedHashMap<>();
    annotations.put(IMAGE_NAME, full);
    annotations.put(REF_NAME, full.substring(full.lastIndexOf(':') + 1));
    e.put("annotations", annotations);
    return e;
  }

  private static byte[] index(List<Object> manifests) {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    index.put("manifests", manifests);
    return Json.write(index);
  }

  private static String blobPath(Digest d) {
    return "blobs/sha256/" + d.hex();
  }

  private static TarEntry entry(TarEntry.Type type, String name, long size) {
    int mode = type == TarEntry.Type.DIRECTORY ? 0755 : 0644;
    return new TarEntry(type, name, "", mode, 0, 0, size, 0, 0, 0, 0, Map.of());
  }

  private static void put(TarWriter tar, String name, byte[] content) throws IOException {
    tar.put(entry(TarEntry.Type.FILE, name, content.length), new ByteArrayInputStream(content));
  }

  // ---- reading

  /**
   * Takes the images of an archive in: a tar, plain or compressed, or a directory with an OCI
   * layout.
   *
   * @return names that the images have now
   */
  public List<String> importFrom(Path source) throws IOException {
    try (ImageStore.Adding adding = store.adding()) {
      assert adding != null;
      if (Files.isDirectory(source)) {
        return layout(source);
      }
      Path temp = store.root().resolve("tmp").resolve("import-" + java.util.UUID.randomUUID());
      try {
        spread(source, Files.createDirectories(temp));
        return Files.exists(temp.resolve("index.json")) ? layout(temp) : docker(temp);
      } finally {
        FileTree.delete(temp);
      }
    }
  }

  /**
   * The archive's files below a directory. Links inside it (older Docker's layers) are followed.
   */
  private static void spread(Path source, Path to) throws IOException {
    try (InputStream in = Compression.decompress(Files.newInputStream(source))) {
      TarReader tar = new TarReader(in);
      for (Optional<TarEntry> e = tar.next(); e.isPresent(); e = tar.next()) {
        Path file = to.resolve(e.get().name()).normalize();
        if (!file.startsWith(to)) {
          throw new IOException("the archive holds a path that leads out of it: " + e.get().name());
        }
        switch (e.get().type()) {
          case DIRECTORY -> Files.createDirectories(file);
          case FILE -> {
            Files.createDirectories(parent(file));
            Files.copy(tar.content(), file);
          }
          case SYMLINK -> {
            Path target = parent(file).resolve(e.get().linkName()).normalize();
            if (!target.startsWith(to)) {
              throw new IOException("the archive holds a link that leads out of it: " + file);
            }
            Files.createDirectories(parent(file));
            Files.createSymbolicLink(file, Path.of(e.get().linkName()));
          }
          default -> {}
        }
      }
    } catch (IOException e) {
      throw new IOException(source + " is no image archive: " + e.getMessage(), e);
    }
  }

  private static Path parent(Path p) {
    return java.util.Objects.requireNonNull(p.getParent());
  }

  private List<String> layout(Path dir) throws IOException {
    Map<String, Object> index = json(dir.resolve("index.json"));
    List<String> names = new ArrayList<>();
    Map<Digest, String> docker = dockerNames(dir);
    for (Object m : Json.list(index, "manifests")) {
      Map<String, Object> entry = Json.object(m);
      Descriptor d = Descriptor.read(entry);
      Map<String, Object> tree = json(blob(dir, d.digest()));
      if (tree.containsKey("manifests")) {
        store.blobs().put(Files.readAllBytes(blob(dir, d.digest())));
        d = Platform.choose(tree, dir.toString());
        tree = json(blob(dir, d.digest()));
      }
      List<Descriptor> blobs = new ArrayList<>(List.of(d));
      blobs.add(Descriptor.read(Json.object(tree, "config")));
      Json.list(tree, "layers").forEach(l -> blobs.add(Descriptor.read(Json.object(l))));
      for (Descriptor b : blobs) {
        if (!store.blobs().has(b.digest())) {
          try (InputStream in = Files.newInputStream(blob(dir, b.digest()))) {
            store.blobs().put(in, b);
          }
        }
      }
      Map<String, Object> annotations = Json.object(entry, "annotations");
      String name = Json.string(annotations, IMAGE_NAME);
      if (name.isEmpty()) {
        name = docker.getOrDefault(blobs.get(1).digest(), Json.string(annotations, REF_NAME));
      }
      names.addAll(register(d.digest(), name.isEmpty() ? List.of() : List.of(name)));
    }
    return names;
  }

  private static Map<Digest, String> dockerNames(Path dir) throws IOException {
    Map<Digest, String> names = new LinkedHashMap<>();
    Path manifest = dir.resolve("manifest.json");
    if (Files.exists(manifest) && Json.parse(Files.readAllBytes(manifest)) instanceof List<?> l) {
      for (Object e : l) {
        Map<String, Object> m = Json.object(e);
        Path config = dir.resolve(Json.string(m, "Config"));
        List<String> tags = Json.strings(m, "RepoTags");
        if (!tags.isEmpty() && Files.isRegularFile(config)) {
          names.put(Digest.of(Files.readAllBytes(config)), tags.getFirst());
        }
      }
    }
    return names;
  }

  private static Path blob(Path dir, Digest d) {
    return dir.resolve("blobs/sha256").resolve(d.hex());
  }

  private static Map<String, Object> json(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("the archive has no " + file.getFileName());
    }
    if (Files.size(file) > MAX_JSON) {
      throw new IOException(file.getFileName() + " has more than " + MAX_JSON + " bytes");
    }
    return Json.parseObject(Files.readAllBytes(file));
  }

  /** A Docker archive has no manifest of the registry's kind: one is made. */
  private List<String> docker(Path dir) throws IOException {
    Path file = dir.resolve("manifest.json");
    if (!Files.isRegularFile(file)) {
      throw new IOException("no image archive: it has neither index.json nor manifest.json");
    }
    List<String> names = new ArrayList<>();
    if (!(Json.parse(Files.readAllBytes(file)) instanceof List<?> images)) {
      throw new IOException("manifest.json is no list");
    }
    for (Object i : images) {
      Map<String, Object> image = Json.object(i);
      Digest config = take(dir, Json.string(image, "Config"));
      Map<String, Object> m = new LinkedHashMap<>();
      m.put("schemaVersion", 2);
      m.put("mediaType", MediaTypes.OCI_MANIFEST);
      m.put("config", descriptor(MediaTypes.OCI_CONFIG, config));
      List<Object> layers = new ArrayList<>();
      for (String l : Json.strings(image, "Layers")) {
        Digest d = take(dir, l);
        layers.add(descriptor(MediaTypes.OCI_LAYER, d));
      }
      m.put("layers", layers);
      Digest manifest = store.blobs().put(Json.write(m));
      names.addAll(register(manifest, Json.strings(image, "RepoTags")));
    }
    return names;
  }

  private Object descriptor(String mediaType, Digest d) throws IOException {
    return new Descriptor(mediaType, d, Files.size(store.blobs().path(d))).tree();
  }

  private Digest take(Path dir, String name) throws IOException {
    Path file = dir.resolve(name).normalize();
    if (!file.startsWith(dir) || name.isEmpty() || !Files.exists(file)) {
      throw new IOException("the archive has no " + name);
    }
    if (!file.toRealPath().startsWith(dir.toRealPath())) {
      throw new IOException("the archive holds a link that leads out of it: " + name);
    }
    try (BlobStore.Upload u = store.blobs().begin();
        InputStream in = Files.newInputStream(file)) {
      in.transferTo(u.stream());
      return u.commit();
    }
  }

  private List<String> register(Digest manifest, List<String> names) throws IOException {
    Image image = store.read(manifest);
    Platform.check(image, names.isEmpty() ? manifest.toString() : names.getFirst());
    store.unpack(image);
    List<String> full = new ArrayList<>();
    for (String n : names) {
      full.add(ImageName.parse(n).tagged());
    }
    if (full.isEmpty()) {
      full.add("import.local/image@" + manifest);
    }
    store.name(manifest, full);
    return full;
  }
}
