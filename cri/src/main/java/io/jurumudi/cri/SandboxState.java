package io.jurumudi.cri;

/** Ready, or not any more. */
public enum SandboxState {
  READY,
  NOT_READY
}
