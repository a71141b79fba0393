package io.jurumudi.client;

/** A patch: its kind and its bytes, JSON (or YAML, for apply). */
public record Patch(PatchType type, byte[] bytes) {}
