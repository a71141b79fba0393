package io.jurumudi.cri;

/** Exit code and output of a command that was run to its end. */
@SuppressWarnings("ArrayRecordComponent") // output handed over once, never compared
public record ExecResult(int exitCode, byte[] stdout, byte[] stderr) {}
