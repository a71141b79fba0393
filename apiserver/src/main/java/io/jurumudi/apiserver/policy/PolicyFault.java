package io.jurumudi.apiserver.policy;

/** A policy or binding that cannot be used as it is; the message says why. */
final class PolicyFault extends Exception {
  PolicyFault(String message) {
    super(message);
  }
}
