package io.jurumudi.linux;

/** A system call failed. The message names the call and its object, and what the kernel said. */
public final class LinuxException extends RuntimeException {
  private final int number;

  public LinuxException(String what, int number) {
    super(what + ": " + Errno.describe(number));
    this.number = number;
  }

  public LinuxException(String what, int number, String detail) {
    super(what + ": " + Errno.describe(number) + (detail.isEmpty() ? "" : ": " + detail));
    this.number = number;
  }

  /** What the kernel answered. */
  public Errno errno() {
    return Errno.of(number);
  }

  public boolean is(Errno errno) {
    return errno() == errno;
  }
}
