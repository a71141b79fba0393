package io.jurumudi.kubelet.volume;

import java.nio.file.Path;

/**
 * A volume that is ready for containers.
 *
 * @param path on the host; of no meaning for an image, which the engine mounts
 * @param readOnly whatever a container asks for, it may only read
 */
public record MountedVolume(Path path, boolean readOnly) {}
