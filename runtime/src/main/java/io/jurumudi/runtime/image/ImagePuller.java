package io.jurumudi.runtime.image;

import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings images from registries into an {@link ImageStore}: manifest or index, configuration,
 * layers; every blob checked against its digest. Two pulls of one name at a time are one download.
 */
public final class ImagePuller {
  private static final int MAX_MANIFEST_BYTES = 4 << 20;

  private final ImageStore store;
  private final Registries registries;
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  public ImagePuller(ImageStore store, Registries registries) {
    this.store = store;
    this.registries = registries;
  }

  /**
   * @return the image by digest, {@code repository@sha256:…}
   * @throws ImagePullException says what went wrong
   */
  public String pull(ImageName name, @Nullable RegistryAuth auth) {
    ReentrantLock lock = locks.computeIfAbsent(name.toString(), k -> new ReentrantLock());
    lock.lock();
    try (ImageStore.Adding adding = store.adding()) {
      assert adding != null;
      return fetch(name, registries.open(name, auth));
    } catch (ImagePullException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ImagePullException(
          ImagePullException.Kind.OTHER, "failed to pull image \"" + name + "\": " + text(e));
    } finally {
      lock.unlock();
    }
  }

  private static String text(Exception e) {
    String m = e.getMessage();
    return m == null ? e.toString() : m;
  }

  private String fetch(ImageName name, Registries.Repository repository) throws IOException {
    Registries.Manifest top = repository.manifest(name.manifestReference(), MAX_MANIFEST_BYTES);
    Digest named = Digest.of(top.content());
    if (name.digest().isPresent() && !name.digest().get().equals(named)) {
      throw new IOException("the registry answered another manifest: " + named);
    }
    byte[] manifest = top.content();
    String mediaType = top.mediaType();
    Map<String, Object> tree = Json.parseObject(manifest);
    if (MediaTypes.isIndex(mediaType) || tree.containsKey("manifests")) {
      store.blobs().put(manifest);
      Descriptor chosen = Platform.choose(tree, name.toString());
      manifest = repository.manifest(chosen.digest().toString(), MAX_MANIFEST_BYTES).content();
      if (!Digest.of(manifest).equals(chosen.digest())) {
        throw new IOException("the registry answered another manifest than " + chosen.digest());
      }
      tree = Json.parseObject(manifest);
    }
    if (Json.number(tree, "schemaVersion") != 2) {
      throw new IOException("the manifest's schema version is not 2");
    }
    Digest manifestDigest = store.blobs().put(manifest);
    List<Descriptor> blobs = new ArrayList<>();
    blobs.add(Descriptor.read(Json.object(tree, "config")));
    Json.list(tree, "layers").forEach(l -> blobs.add(Descriptor.read(Json.object(l))));
    for (Descriptor d : blobs) {
      if (!store.blobs().has(d.digest())) {
        try (InputStream in = repository.blob(d.digest())) {
          store.blobs().put(in, d);
        }
      }
    }
    Image image;
    try {
      image = store.read(manifestDigest);
    } catch (NoSuchFileException e) {
      throw new IOException("a blob of the image is missing: " + e.getMessage(), e);
    }
    Platform.check(image, name.toString());
    store.unpack(image);
    List<String> names = new ArrayList<>(List.of(name.byDigest(named)));
    if (!name.tag().isEmpty()) {
      names.add(name.tagged());
    }
    store.name(manifestDigest, names);
    return name.byDigest(named);
  }
}
