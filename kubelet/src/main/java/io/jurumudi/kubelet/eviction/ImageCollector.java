package io.jurumudi.kubelet.eviction;

import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes images that no container uses when their disk is 85 % full, those unused for longest
 * first, until it is 80 % full (upstream's image_gc_manager). Images that were built or imported
 * here stay: no registry could give them back. Owned by the housekeeping thread.
 */
public final class ImageCollector {
  private static final Logger LOG = LoggerFactory.getLogger(ImageCollector.class);
  private static final int HIGH_PERCENT = 85;
  private static final int LOW_PERCENT = 80;
  private static final Duration MINIMUM_AGE = Duration.ofMinutes(2);

  private final ImageService images;
  private final RuntimeService runtime;
  private final Map<String, Instant> lastUsed = new HashMap<>();

  public ImageCollector(ImageService images, RuntimeService runtime) {
    this.images = images;
    this.runtime = runtime;
  }

  /** Looks at the disk and deletes what has to go; cheap while there is room. */
  public void collect(Instant now) throws IOException {
    FileStore disk = Files.getFileStore(Path.of(images.rootDirectory()));
    long total = disk.getTotalSpace();
    long used = total - disk.getUsableSpace();
    List<ImageInfo> candidates = look(now);
    if (used * 100 < total * HIGH_PERCENT) {
      return;
    }
    free(used - total / 100 * LOW_PERCENT, candidates, now.minus(MINIMUM_AGE));
  }

  /** The disk is short: deletes all that is unused; returns the bytes freed. */
  public long collectAll(Instant now) {
    return free(Long.MAX_VALUE, look(now), now);
  }

  /** Notes what is in use; returns the rest, unused for longest first. */
  private List<ImageInfo> look(Instant now) {
    List<ImageInfo> all = images.listImages();
    Set<String> inUse =
        runtime.listContainers("").stream()
            .flatMap(ImageCollector::images)
            .collect(Collectors.toSet());
    lastUsed.keySet().retainAll(all.stream().map(ImageInfo::id).toList());
    for (ImageInfo i : all) {
      if (inUse.contains(i.id())) {
        lastUsed.put(i.id(), now);
      } else {
        lastUsed.putIfAbsent(i.id(), now);
      }
    }
    return all.stream()
        .filter(i -> !inUse.contains(i.id()) && !i.pinned() && !i.repoDigests().isEmpty())
        .sorted(Comparator.comparing(i -> lastUsed.getOrDefault(i.id(), now)))
        .toList();
  }

  private static Stream<String> images(ContainerStatus c) {
    return Stream.concat(Stream.of(c.image()), c.mounts().stream().map(m -> m.image()));
  }

  private long free(long bytes, List<ImageInfo> candidates, Instant unusedSince) {
    long freed = 0;
    for (ImageInfo i : candidates) {
      if (freed >= bytes) {
        break;
      }
      if (lastUsed.getOrDefault(i.id(), Instant.MAX).isAfter(unusedSince)) {
        continue;
      }
      try {
        images.removeImage(i.id());
        freed += i.sizeBytes();
        LOG.info("msg=\"removed an unused image\" image={} bytes={}", i.id(), i.sizeBytes());
      } catch (RuntimeServiceException e) {
        LOG.warn("msg=\"cannot remove an image\" image={} err=\"{}\"", i.id(), e.getMessage());
      }
    }
    return freed;
  }
}
