package io.jurumudi.machinery.apply;

/** A tree that does not fit its type. The message has the paths. */
public final class TypeMismatchException extends RuntimeException {
  TypeMismatchException(String message) {
    super(message);
  }
}
