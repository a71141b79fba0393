package io.jurumudi.cluster.command;

/** A command cannot do what it was asked; the message says why and what to do. */
final class CommandException extends RuntimeException {
  CommandException(String message) {
    super(message);
  }
}
