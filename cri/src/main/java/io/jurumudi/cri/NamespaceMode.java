package io.jurumudi.cri;

/** Whose namespace a sandbox or container lives in (CRI NamespaceMode). */
public enum NamespaceMode {
  POD,
  CONTAINER,
  NODE,
  TARGET
}
