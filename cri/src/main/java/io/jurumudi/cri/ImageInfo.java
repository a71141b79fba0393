package io.jurumudi.cri;

import java.util.List;

/**
 * An image.
 *
 * @param user the image's USER as written, empty for root
 */
public record ImageInfo(
    String id,
    List<String> repoTags,
    List<String> repoDigests,
    long sizeBytes,
    String user,
    boolean pinned) {}
