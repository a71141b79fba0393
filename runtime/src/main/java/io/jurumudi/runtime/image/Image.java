package io.jurumudi.runtime.image;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image that is present: its manifest and configuration, read.
 *
 * @param id digest of the configuration, as Docker and CRI name images
 * @param manifest digest of the manifest
 * @param layers blobs of the layers, the base first
 * @param diffIds digests of the same layers as plain tar
 * @param configTree the whole configuration blob, for what is not in {@code config}
 */
public record Image(
    Digest id,
    Digest manifest,
    List<Descriptor> layers,
    List<Digest> diffIds,
    ImageConfig config,
    String architecture,
    String os,
    @Nullable Instant created,
    Map<String, Object> configTree,
    long sizeBytes) {}
