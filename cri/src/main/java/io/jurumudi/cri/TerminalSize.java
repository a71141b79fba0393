package io.jurumudi.cri;

/** In characters. */
public record TerminalSize(int width, int height) {}
