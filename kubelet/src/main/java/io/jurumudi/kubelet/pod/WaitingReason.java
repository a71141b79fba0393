package io.jurumudi.kubelet.pod;

/** Why a container could not be started, as state.waiting shows it (upstream's reason cache). */
public record WaitingReason(String reason, String message) {}
