package io.jurumudi.cri;

/** An environment variable; order matters, so it is a list of these and no map. */
public record KeyValue(String key, String value) {}
