package io.jurumudi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one door to the kernel: libc's {@code syscall(2)}. A single downcall handle serves every
 * call, which keeps start-up short (each further handle costs class spinning) and needs no headers.
 */
final class Kernel {
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.firstVariadicArg(1),
              Linker.Option.captureCallState("errno"));

  /** AT_FDCWD: a path relative to the working directory. */
  static final int AT_FDCWD = -100;

  private Kernel() {}

  /** Calls; returns the result, or the negated error number. */
  static long raw(Syscall call, long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) SYSCALL.invokeExact(state, (long) call.number(), a, b, c, d, e, f);
      return result == -1 ? -(long) state.get(ValueLayout.JAVA_INT, ERRNO) : result;
    } catch (RuntimeException | Error x) {
      throw x;
    } catch (Throwable x) {
      throw new IllegalStateException(x);
    }
  }

  static long raw(Syscall call, long a, long b, long c) {
    return raw(call, a, b, c, 0, 0, 0);
  }

  /** As {@link #raw}, but called again when a signal interrupts it. */
  static long resumed(Syscall call, long a, long b, long c) {
    long result;
    do {
      result = raw(call, a, b, c);
    } while (result == -Errno.EINTR.number());
    return result;
  }

  /** Calls and throws when the kernel refuses; {@code what} begins the message. */
  static long call(String what, Syscall call, long a, long b, long c, long d, long e, long f) {
    return check(what, raw(call, a, b, c, d, e, f));
  }

  static long call(String what, Syscall call, long a, long b, long c) {
    return check(what, raw(call, a, b, c, 0, 0, 0));
  }

  static long check(String what, long result) {
    if (result < 0) {
      throw new LinuxException(what, (int) -result);
    }
    return result;
  }

  /** Address of a NUL-terminated UTF-8 copy that lives as long as the arena. */
  static long string(Arena arena, String s) {
    if (s.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL character in: " + s);
    }
    return arena.allocateFrom(s).address();
  }

  static void close(int fd) {
    raw(Syscall.CLOSE, fd, 0, 0);
  }

  static int open(Arena arena, String path, int flags) {
    return (int)
        call("open " + path, Syscall.OPENAT, AT_FDCWD, string(arena, path), flags, 0, 0, 0);
  }
}
