package io.jurumudi.kubelet.pod;

/** What the last probes of a container say; UNKNOWN until the first threshold was reached. */
public enum ProbeResult {
  SUCCESS,
  FAILURE,
  UNKNOWN
}
