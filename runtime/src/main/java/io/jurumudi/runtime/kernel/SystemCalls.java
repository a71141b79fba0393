package io.jurumudi.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** libc's {@code syscall(2)} with up to three arguments. */
final class SystemCalls {
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.firstVariadicArg(1),
              Linker.Option.captureCallState("errno"));
  private static final int EINTR = 4;

  /** Numbers for x86-64 and aarch64 (asm/unistd.h). */
  enum Call {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    IOCTL(16, 29),
    SOCKET(41, 198),
    CONNECT(42, 203),
    ACCEPT(43, 202),
    RECVMSG(47, 212),
    SHUTDOWN(48, 210),
    BIND(49, 200),
    LISTEN(50, 201),
    FLOCK(73, 32),
    OPENAT(257, 56);

    private final int number;

    Call(int x86, int arm) {
      number = "aarch64".equals(System.getProperty("os.arch")) ? arm : x86;
    }
  }

  private SystemCalls() {}

  /** The result, or the negated error number; repeated when a signal interrupts it. */
  static long call(Call c, long x, long y, long z) {
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(STATE);
        long r = (long) SYSCALL.invokeExact(state, (long) c.number, x, y, z);
        if (r != -1) {
          return r;
        }
        int errno = (int) ERRNO.get(state, 0L);
        if (errno != EINTR) {
          return -errno;
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
