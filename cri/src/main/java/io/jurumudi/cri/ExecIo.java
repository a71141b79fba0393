package io.jurumudi.cri;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams of an exec or attach. A null stream is not wanted.
 *
 * @param resizes called once by the engine, which then takes the terminal's sizes from it as they
 *     come
 */
public record ExecIo(
    @Nullable InputStream stdin,
    @Nullable OutputStream stdout,
    @Nullable OutputStream stderr,
    Consumer<Consumer<TerminalSize>> resizes) {}
