package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.pod.ResourceState;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What pods that were resized have, kept for the next process in the pod's own directory: {@code
 * resources.json}, which goes with it.
 */
public record ResizeFile(PodDirectories directories) {
  private static final Logger LOG = LoggerFactory.getLogger(ResizeFile.class);

  record Saved(ResourceState allocated, ResourceState actuated) {}

  /** Empty when the pod was never resized. */
  Optional<Saved> read(String uid) {
    Path path = path(uid);
    try {
      if (Trees.parseJson(Files.readAllBytes(path)) instanceof Map<?, ?> saved) {
        return Optional.of(new Saved(state(saved.get("allocated")), state(saved.get("actuated"))));
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | DecodeException e) {
      LOG.warn("msg=\"cannot read a pod's resources\" path={} err=\"{}\"", path, e.getMessage());
      return Optional.empty();
    }
  }

  void write(String uid, Saved saved) {
    Path path = path(uid);
    Path fresh = path.resolveSibling("resources.json.new");
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("allocated", tree(saved.allocated()));
    tree.put("actuated", tree(saved.actuated()));
    try {
      Files.write(fresh, Trees.writeJson(tree));
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("msg=\"cannot keep a pod's resources\" path={} err=\"{}\"", path, e.getMessage());
    }
  }

  private Path path(String uid) {
    return directories.pod(uid).resolve("resources.json");
  }

  private static Map<String, @Nullable Object> tree(ResourceState state) {
    Map<String, @Nullable Object> containers = new LinkedHashMap<>();
    state.containers().forEach((name, r) -> containers.put(name, Trees.fromMessage(r)));
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("containers", containers);
    if (state.pod() != null) {
      tree.put("pod", Trees.fromMessage(state.pod()));
    }
    return tree;
  }

  private static ResourceState state(@Nullable Object tree) {
    Map<String, ResourceRequirements> containers = new HashMap<>();
    if (!(tree instanceof Map<?, ?> map)) {
      return new ResourceState(null, containers);
    }
    if (map.get("containers") instanceof Map<?, ?> all) {
      all.forEach((name, r) -> containers.put(String.valueOf(name), requirements(r)));
    }
    Object pod = map.get("pod");
    return new ResourceState(pod == null ? null : requirements(pod), containers);
  }

  /**
   * Reads a tree of a ResourceRequirements.
   *
   * @throws DecodeException when it is none
   */
  static ResourceRequirements requirements(@Nullable Object tree) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    if (tree instanceof Map<?, ?> m) {
      m.forEach((k, v) -> map.put(String.valueOf(k), v));
    }
    return Trees.toMessage(ResourceRequirements.SCHEMA, map);
  }
}
