package io.jurumudi.linux;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Tells when processes end, whoever's children they are: one thread asleep in epoll over their
 * pidfds. The map of watched processes is this object's, guarded by its lock.
 */
public final class ProcessWatcher implements AutoCloseable {
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final int MAX_EVENTS = 64;

  private final Executor executor;
  private final int epoll;
  private final int wakeup;
  private final Thread thread;

  @GuardedBy("this")
  private final Map<Integer, Watched> byPidfd = new HashMap<>();

  @GuardedBy("this")
  private boolean closed;

  /** Compared by identity: a pidfd's number may come again for another watch. */
  private static final class Watched {
    private final Runnable onExit;

    Watched(Runnable onExit) {
      this.onExit = onExit;
    }
  }

  /** A watch; closing it before the end means that its callback is not called. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param executor runs the callbacks
   */
  public ProcessWatcher(Executor executor) {
    this.executor = executor;
    epoll = (int) Kernel.call("epoll_create1", Syscall.EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0);
    wakeup = (int) Kernel.call("eventfd2", Syscall.EVENTFD2, 0, EFD_CLOEXEC, 0);
    control(EPOLL_CTL_ADD, wakeup);
    thread = Thread.ofPlatform().name("process-watcher").daemon().start(this::run);
  }

  /** Calls {@code onExit} once, when the process has ended; at once when there is none. */
  public Watch watch(int pid, Runnable onExit) {
    long fd = Kernel.raw(Syscall.PIDFD_OPEN, pid, 0, 0);
    if (fd == -Errno.ESRCH.number()) {
      executor.execute(onExit);
      return () -> {};
    }
    int pidfd = (int) Kernel.check("pidfd of " + pid, fd);
    Watched watched = new Watched(onExit);
    synchronized (this) {
      if (closed) {
        Kernel.close(pidfd);
        throw new IllegalStateException("closed");
      }
      byPidfd.put(pidfd, watched);
      control(EPOLL_CTL_ADD, pidfd);
    }
    return () -> forget(pidfd, watched);
  }

  private synchronized void forget(int pidfd, Watched expected) {
    if (byPidfd.remove(pidfd, expected)) {
      control(EPOLL_CTL_DEL, pidfd);
      Kernel.close(pidfd);
    }
  }

  private void run() {
    int size = Syscall.epollEventSize();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment events = arena.allocate((long) size * MAX_EVENTS, 8);
      while (true) {
        long n = Kernel.raw(Syscall.EPOLL_PWAIT, epoll, events.address(), MAX_EVENTS, -1, 0, 0);
        if (n == -Errno.EINTR.number()) {
          continue;
        }
        Kernel.check("epoll_wait", n);
        for (int i = 0; i < n; i++) {
          int fd =
              events.get(
                  ValueLayout.JAVA_INT_UNALIGNED, (long) i * size + Syscall.epollDataOffset());
          if (fd == wakeup) {
            end();
            return;
          }
          Watched w;
          synchronized (this) {
            w = byPidfd.remove(fd);
            if (w != null) {
              control(EPOLL_CTL_DEL, fd);
              Kernel.close(fd);
            }
          }
          if (w != null) {
            executor.execute(w.onExit);
          }
        }
      }
    }
  }

  private synchronized void end() {
    byPidfd.keySet().forEach(Kernel::close);
    byPidfd.clear();
    Kernel.close(epoll);
    Kernel.close(wakeup);
  }

  private void control(int operation, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(16, 8);
      event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
      event.set(ValueLayout.JAVA_INT_UNALIGNED, Syscall.epollDataOffset(), fd);
      Kernel.call("epoll_ctl", Syscall.EPOLL_CTL, epoll, operation, fd, event.address(), 0, 0);
    }
  }

  /** Ends the watching; callbacks of processes still running are never called. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
      Kernel.call("wake up", Syscall.WRITE, wakeup, one.address(), 8);
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
