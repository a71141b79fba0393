package io.jurumudi.runtime.image;

import io.jurumudi.cri.ImageInfo;
import io.jurumudi.linux.FileFlock;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images on disk: blobs, the names that lead to their manifests, and unpacked layers. Several
 * processes may use one directory at a time: what one adds, the others see at once.
 *
 * <p>State in memory is a cache of manifests by their digest alone, which never change.
 */
public final class ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
  private static final int MIN_ID_PREFIX = 6;

  private final Linux linux;
  private final Path root;
  private final BlobStore blobs;
  private final LayerStore layers;
  private final References references;
  private final Path lock;
  private final Supplier<Set<String>> layersInUse;
  private final Map<Digest, Image> images = new ConcurrentHashMap<>();

  /** Something is being added; nothing is collected until this is closed. */
  public interface Adding extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param layersInUse names of layers that containers use, read from disk when asked
   */
  public ImageStore(Linux linux, Path root, Supplier<Set<String>> layersInUse) throws IOException {
    this.linux = linux;
    this.root = Files.createDirectories(root);
    this.blobs = new BlobStore(root);
    this.layers = new LayerStore(linux, root);
    this.references = new References(root);
    this.lock = root.resolve("store.lock");
    this.layersInUse = layersInUse;
  }

  public Path root() {
    return root;
  }

  public Linux linux() {
    return linux;
  }

  public BlobStore blobs() {
    return blobs;
  }

  public LayerStore layers() {
    return layers;
  }

  public Adding adding() throws IOException {
    return FileFlock.shared(lock)::close;
  }

  // ---- looking up

  /** By name, by digest reference, or by id ({@code sha256:…}, hexadecimal, or its beginning). */
  public Optional<Image> find(String nameOrId) throws IOException {
    Map<String, Digest> refs = references.all();
    String id = nameOrId.startsWith("sha256:") ? nameOrId.substring(7) : nameOrId;
    if (id.length() >= MIN_ID_PREFIX && id.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
      for (Digest manifest : new HashSet<>(refs.values())) {
        Optional<Image> i = load(manifest);
        if (i.isPresent() && i.get().id().hex().startsWith(id)) {
          return i;
        }
      }
    }
    ImageName name;
    try {
      name = ImageName.parse(nameOrId);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    Digest manifest =
        name.digest().map(d -> refs.get(name.byDigest(d))).orElseGet(() -> refs.get(name.tagged()));
    if (manifest == null && name.digest().isPresent()) {
      // Named by the manifest's own digest, although it came by another name.
      Digest d = name.digest().get();
      manifest = refs.containsValue(d) ? d : null;
    }
    return manifest == null ? Optional.empty() : load(manifest);
  }

  private Optional<Image> load(Digest manifest) {
    Image known = images.get(manifest);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      Image i = read(manifest);
      images.put(manifest, i);
      return Optional.of(i);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("image manifest cannot be read manifest={} error={}", manifest, e.toString());
      return Optional.empty();
    }
  }

  /** Reads a manifest and its configuration from the blobs. */
  public Image read(Digest manifest) throws IOException {
    byte[] bytes = blobs.read(manifest);
    Map<String, Object> m = Json.parseObject(bytes);
    Descriptor config = Descriptor.read(Json.object(m, "config"));
    List<Descriptor> layerBlobs =
        Json.list(m, "layers").stream().map(l -> Descriptor.read(Json.object(l))).toList();
    Map<String, Object> c = Json.parseObject(blobs.read(config.digest()));
    List<Digest> diffIds =
        Json.strings(Json.object(c, "rootfs"), "diff_ids").stream().map(Digest::parse).toList();
    if (diffIds.size() != layerBlobs.size()) {
      throw new IOException(
          "manifest has " + layerBlobs.size() + " layers, its configuration " + diffIds.size());
    }
    long size = bytes.length + config.size();
    for (Descriptor l : layerBlobs) {
      size += l.size();
    }
    return new Image(
        config.digest(),
        manifest,
        layerBlobs,
        diffIds,
        ImageConfig.read(Json.object(c, "config")),
        Json.string(c, "architecture"),
        Json.string(c, "os"),
        instant(Json.string(c, "created")),
        c,
        size);
  }

  private static @Nullable Instant instant(String s) {
    try {
      return s.isEmpty() ? null : java.time.OffsetDateTime.parse(s).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** All names with the manifest that each leads to. */
  public Map<String, Digest> references() throws IOException {
    return references.all();
  }

  /** What CRI tells of an image. */
  public ImageInfo info(Image image) throws IOException {
    List<String> tags = new ArrayList<>();
    List<String> digests = new ArrayList<>();
    for (Map.Entry<String, Digest> e : references.all().entrySet()) {
      Optional<Image> i = load(e.getValue());
      if (i.isPresent() && i.get().id().equals(image.id())) {
        (e.getKey().contains("@") ? digests : tags).add(e.getKey());
      }
    }
    return new ImageInfo(
        image.id().toString(), tags, digests, image.sizeBytes(), image.config().user(), false);
  }

  public List<Image> list() throws IOException {
    Map<Digest, Image> byId = new TreeMap<>();
    for (Digest m : references.all().values()) {
      load(m).ifPresent(i -> byId.putIfAbsent(i.id(), i));
    }
    return List.copyOf(byId.values());
  }

  // ---- changing

  /** Gives a manifest, whose blobs are all here, names in full. */
  public void name(Digest manifest, List<String> names) throws IOException {
    references.change(refs -> names.forEach(n -> refs.put(n, manifest)));
  }

  /**
   * Names of the image's unpacked layers, the base first; unpacks those that are not there. Call it
   * while {@link #adding}.
   */
  public List<String> unpack(Image image) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < image.diffIds().size(); i++) {
      Digest diffId = image.diffIds().get(i);
      Optional<String> there = layers.find(diffId, names);
      if (there.isPresent()) {
        names.add(there.get());
        continue;
      }
      try (InputStream in = Files.newInputStream(blobs.path(image.layers().get(i).digest()))) {
        names.add(layers.unpack(in, diffId, names));
      }
    }
    return names;
  }

  /** Takes one name away; false when there is none such. The image goes with its last name. */
  public boolean untag(String name) throws IOException {
    String full = ImageName.parse(name).tagged();
    boolean[] found = new boolean[1];
    references.change(
        refs -> {
          Digest manifest = refs.remove(full);
          found[0] = manifest != null;
          // A digest is no name of its own: it goes when no tag of the image is left.
          if (manifest != null
              && refs.entrySet().stream()
                  .noneMatch(e -> e.getValue().equals(manifest) && !e.getKey().contains("@"))) {
            refs.values().removeIf(manifest::equals);
          }
        });
    collect();
    return found[0];
  }

  /** Takes all names of an image away, and with them the image. */
  public void remove(String nameOrId) throws IOException {
    Optional<Image> image = find(nameOrId);
    if (image.isEmpty()) {
      return;
    }
    Digest id = image.get().id();
    references.change(
        refs -> refs.values().removeIf(m -> load(m).filter(i -> i.id().equals(id)).isPresent()));
    collect();
  }

  /**
   * Deletes what no name and no container leads to any more; returns the bytes given back. Does
   * nothing while something is being added: the next one does it.
   */
  public long collect() throws IOException {
    Optional<FileFlock> alone = FileFlock.tryAlone(lock);
    if (alone.isEmpty()) {
      return 0;
    }
    try (FileFlock held = alone.get()) {
      assert held != null;
      Set<Digest> liveBlobs = new HashSet<>();
      Set<String> liveLayers = new HashSet<>(layersInUse.get());
      for (Digest m : new HashSet<>(references.all().values())) {
        liveBlobs.add(m);
        Optional<Image> image = load(m);
        if (image.isEmpty()) {
          continue;
        }
        liveBlobs.add(image.get().id());
        List<String> below = new ArrayList<>();
        for (int i = 0; i < image.get().diffIds().size(); i++) {
          liveBlobs.add(image.get().layers().get(i).digest());
          layers.find(image.get().diffIds().get(i), below).ifPresent(below::add);
        }
        liveLayers.addAll(below);
      }
      long bytes = 0;
      for (Digest d : blobs.list()) {
        if (!liveBlobs.contains(d)) {
          bytes += Files.size(blobs.path(d));
          blobs.delete(d);
          images.remove(d);
        }
      }
      for (String l : layers.list()) {
        if (!liveLayers.contains(l)) {
          bytes += layers.size(l);
          layers.delete(l);
        }
      }
      return bytes;
    }
  }

  /** Bytes of blobs and unpacked layers. */
  public long usedBytes() throws IOException {
    long bytes = 0;
    for (Digest d : blobs.list()) {
      try {
        bytes += Files.size(blobs.path(d));
      } catch (java.nio.file.NoSuchFileException e) {
        LOG.debug("blob was collected while counting digest={}", d);
      }
    }
    for (long b : layers.sizes().values()) {
      bytes += b;
    }
    return bytes;
  }

  /** Empties the directory of what interrupted work left behind, when nobody is at work. */
  public void sweep() throws IOException {
    Optional<FileFlock> alone = FileFlock.tryAlone(lock);
    if (alone.isEmpty()) {
      return;
    }
    try (FileFlock held = alone.get();
        Stream<Path> left = Files.list(root.resolve("tmp"))) {
      assert held != null;
      for (Path p : left.toList()) {
        FileTree.delete(p);
      }
    }
  }
}
