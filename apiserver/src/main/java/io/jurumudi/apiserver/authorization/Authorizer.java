package io.jurumudi.apiserver.authorization;

/** Decides whether a request may be made. Called on event loops: it does not block. */
@FunctionalInterface
public interface Authorizer {
  Decision authorize(Attributes attributes);
}
