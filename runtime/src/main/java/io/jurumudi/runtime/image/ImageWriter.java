package io.jurumudi.runtime.image;

import io.jurumudi.runtime.json.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes an image from layers, one upon the other, and a configuration. The same input gives the
 * same digests. Used by one thread, while {@link ImageStore#adding}.
 */
public final class ImageWriter {
  private final ImageStore store;
  private final List<Layer> layers = new ArrayList<>();
  private final List<Map<String, Object>> history = new ArrayList<>();

  /** A layer: its blob, its digest as plain tar, and its name in the {@link LayerStore}. */
  public record Layer(Descriptor blob, Digest diffId, String name) {}

  public ImageWriter(ImageStore store) {
    this.store = store;
  }

  /** Begins with the layers and history of another image. */
  public ImageWriter(ImageStore store, Image base) throws IOException {
    this(store);
    List<String> names = store.unpack(base);
    for (int i = 0; i < names.size(); i++) {
      layers.add(new Layer(base.layers().get(i), base.diffIds().get(i), names.get(i)));
    }
    for (Object h : Json.list(base.configTree(), "history")) {
      history.add(new LinkedHashMap<>(Json.object(h)));
    }
  }

  /** Begins with the layers and history that another has so far. */
  public ImageWriter(ImageWriter base) {
    this(base.store);
    layers.addAll(base.layers);
    base.history.forEach(h -> history.add(new LinkedHashMap<>(h)));
  }

  /** Names of the layers so far, the base first. */
  public List<String> names() {
    return layers.stream().map(Layer::name).toList();
  }

  /**
   * Packs a directory as the next layer. The directory, which must be of {@link
   * LayerStore#newDirectory}, becomes the unpacked layer.
   */
  public Layer addLayer(Path directory, String createdBy) throws IOException {
    Descriptor blob;
    try (BlobStore.Upload u = store.blobs().begin()) {
      OutputStream out = new BufferedOutputStream(u.stream(), 1 << 16);
      LayerPacker.pack(store.linux(), directory, out);
      out.flush();
      long size = u.size();
      blob = new Descriptor(MediaTypes.OCI_LAYER, u.commit(), size);
    }
    Layer layer = new Layer(blob, blob.digest(), store.layers().adopt(directory, blob.digest()));
    add(layer, createdBy);
    return layer;
  }

  /** Adds a layer that is there. */
  public void add(Layer layer, String createdBy) {
    layers.add(layer);
    history.add(historyEntry(createdBy, false));
  }

  /** Notes a step that changed only the configuration. */
  public void note(String createdBy) {
    history.add(historyEntry(createdBy, true));
  }

  private static Map<String, Object> historyEntry(String createdBy, boolean empty) {
    Map<String, Object> h = new LinkedHashMap<>();
    h.put("created_by", createdBy);
    if (empty) {
      h.put("empty_layer", true);
    }
    return h;
  }

  /** Writes configuration and manifest and gives the image its names; returns the manifest. */
  public Digest write(ImageConfig config, Instant created, List<String> names) throws IOException {
    Map<String, Object> c = new LinkedHashMap<>();
    c.put("created", created.toString());
    c.put("architecture", Platform.architecture());
    c.put("os", Platform.OS);
    c.put("config", config.tree());
    Map<String, Object> rootfs = new LinkedHashMap<>();
    rootfs.put("type", "layers");
    rootfs.put("diff_ids", layers.stream().<Object>map(l -> l.diffId().toString()).toList());
    c.put("rootfs", rootfs);
    history.forEach(h -> h.computeIfAbsent("created", k -> created.toString()));
    c.put("history", new ArrayList<Object>(history));
    byte[] configBytes = Json.write(c);
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("schemaVersion", 2);
    m.put("mediaType", MediaTypes.OCI_MANIFEST);
    m.put(
        "config",
        new Descriptor(MediaTypes.OCI_CONFIG, store.blobs().put(configBytes), configBytes.length)
            .tree());
    m.put("layers", layers.stream().<Object>map(l -> l.blob().tree()).toList());
    Digest manifest = store.blobs().put(Json.write(m));
    store.name(manifest, names);
    return manifest;
  }
}
