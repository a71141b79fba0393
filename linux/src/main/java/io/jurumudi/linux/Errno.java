package io.jurumudi.linux;

/**
 * Error numbers of the kernel (asm-generic/errno-base.h and errno.h), which x86-64 and aarch64
 * share. Those that callers tell apart have a name; the rest are shown by number.
 */
public enum Errno {
  EPERM(1, "operation not permitted"),
  ENOENT(2, "no such file or directory"),
  ESRCH(3, "no such process"),
  EINTR(4, "interrupted"),
  EIO(5, "input/output error"),
  ENXIO(6, "no such device or address"),
  E2BIG(7, "argument list too long"),
  EBADF(9, "bad file descriptor"),
  ECHILD(10, "no child process"),
  EAGAIN(11, "try again"),
  ENOMEM(12, "out of memory"),
  EACCES(13, "permission denied"),
  EFAULT(14, "bad address"),
  EBUSY(16, "device or resource busy"),
  EEXIST(17, "exists already"),
  EXDEV(18, "cross-device link"),
  ENODEV(19, "no such device"),
  ENOTDIR(20, "not a directory"),
  EISDIR(21, "is a directory"),
  EINVAL(22, "invalid argument"),
  ENFILE(23, "file table overflow"),
  EMFILE(24, "too many open files"),
  ENOTTY(25, "inappropriate ioctl"),
  EFBIG(27, "file too large"),
  ENOSPC(28, "no space left on device"),
  EROFS(30, "read-only file system"),
  EMLINK(31, "too many links"),
  EPIPE(32, "broken pipe"),
  ERANGE(34, "out of range"),
  ENAMETOOLONG(36, "file name too long"),
  ENOSYS(38, "not implemented by this kernel"),
  ENOTEMPTY(39, "directory not empty"),
  ELOOP(40, "too many symbolic links"),
  ENODATA(61, "no data"),
  EPROTONOSUPPORT(93, "protocol not supported"),
  EOPNOTSUPP(95, "not supported"),
  EAFNOSUPPORT(97, "address family not supported"),
  EADDRINUSE(98, "address in use"),
  EADDRNOTAVAIL(99, "address not available"),
  ENETDOWN(100, "network is down"),
  ENETUNREACH(101, "network is unreachable"),
  ENOBUFS(105, "no buffer space"),
  ETIMEDOUT(110, "timed out"),
  ECONNREFUSED(111, "connection refused"),
  EHOSTUNREACH(113, "no route to host"),
  ESTALE(116, "stale file handle"),
  EDQUOT(122, "disk quota exceeded"),
  OTHER(0, "error");

  private final int number;
  private final String meaning;

  Errno(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The kernel's number; 0 for {@link #OTHER}. */
  public int number() {
    return number;
  }

  static Errno of(int number) {
    for (Errno e : values()) {
      if (e.number == number) {
        return e;
      }
    }
    return OTHER;
  }

  static String describe(int number) {
    Errno e = of(number);
    return e == OTHER ? "errno " + number : e.name() + " (" + e.meaning + ")";
  }
}
