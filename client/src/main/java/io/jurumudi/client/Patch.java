package io.jurumudi.client;

/** A patch: its kind and its bytes, JSON (or YAML, for apply). */
@SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
public record Patch(PatchType type, byte[] bytes) {}
