package io.jurumudi.apiserver.storage;

import io.jurumudi.api.schema.KubernetesObject;
import org.jspecify.annotations.Nullable;

/**
 * One change of an object.
 *
 * @param current the object after the change; null for a deletion
 * @param previous the object before it, as of the change's revision; null for a creation
 */
public record ObjectEvent<T extends KubernetesObject<T>>(
    String key, long revision, @Nullable Stored<T> current, @Nullable Stored<T> previous) {}
