package io.jurumudi.machinery.codec;

import io.jurumudi.api.meta.GroupVersionKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was read.
 *
 * @param kind what the bytes say they are; null when they do not say it in full
 * @param warnings unknown and duplicate fields, in upstream's words
 */
public record Decoded<M>(M object, @Nullable GroupVersionKind kind, List<String> warnings) {}
