package io.jurumudi.api.meta;

import java.util.Set;

/**
 * A subresource such as {@code status} or {@code scale}.
 *
 * @param kind what it takes and answers
 */
public record Subresource(String name, Set<String> verbs, GroupVersionKind kind) {}
