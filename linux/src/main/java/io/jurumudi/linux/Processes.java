package io.jurumudi.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Processes, ours and others'. To be told of an end, see {@link ProcessWatcher}. */
public final class Processes {
  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGQUIT = 3;
  public static final int SIGKILL = 9;
  public static final int SIGUSR1 = 10;
  public static final int SIGUSR2 = 12;
  public static final int SIGTERM = 15;
  public static final int SIGCONT = 18;
  public static final int SIGSTOP = 19;

  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int SIGINFO_BYTES = 128;

  /** A process for all time: the kernel may give the number, but not the start, to another. */
  public record Identity(int pid, long startTicks) {}

  Processes() {}

  /** This process. */
  public int self() {
    return (int) ProcessHandle.current().pid();
  }

  /** Sends a signal; false when there is no such process. 0 only asks. */
  public boolean kill(int pid, int signal) {
    if (pid <= 0) {
      throw new IllegalArgumentException("pid " + pid);
    }
    long r = Kernel.raw(Syscall.KILL, pid, signal, 0);
    if (r == -Errno.ESRCH.number()) {
      return false;
    }
    Kernel.check("signal " + signal + " to " + pid, r);
    return true;
  }

  /** Sends a signal to exactly that process, never to a later one of the same number. */
  public boolean kill(Identity process, int signal) {
    long fd = Kernel.raw(Syscall.PIDFD_OPEN, process.pid(), 0, 0);
    if (fd == -Errno.ESRCH.number()) {
      return false;
    }
    Kernel.check("pidfd of " + process.pid(), fd);
    try {
      // The descriptor holds the process, so the check cannot be outrun.
      if (!isAlive(process)) {
        return false;
      }
      long r = Kernel.raw(Syscall.PIDFD_SEND_SIGNAL, fd, signal, 0);
      if (r == -Errno.ESRCH.number()) {
        return false;
      }
      Kernel.check("signal " + signal + " to " + process.pid(), r);
      return true;
    } finally {
      Kernel.close((int) fd);
    }
  }

  /** The process of that number as it runs now; empty when there is none or it is a zombie. */
  public Optional<Identity> identify(int pid) {
    return stat(pid)
        .filter(s -> s.state() != 'Z' && s.state() != 'X')
        .map(s -> new Identity(pid, s.startTicks()));
  }

  public boolean isAlive(Identity process) {
    return identify(process.pid()).filter(process::equals).isPresent();
  }

  /** Whether a process of that number runs (zombies do not). */
  public boolean isAlive(int pid) {
    return identify(pid).isPresent();
  }

  /** The parent's number. */
  public OptionalInt parent(int pid) {
    return stat(pid).map(s -> OptionalInt.of(s.parent())).orElse(OptionalInt.empty());
  }

  /** All processes of this pid namespace, zombies included. */
  public List<Integer> all() {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> dir = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      dir.forEach(p -> pids.add(Integer.parseInt(p.getFileName().toString())));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return pids;
  }

  /** Orphans below this process become its children instead of init's (PR_SET_CHILD_SUBREAPER). */
  public void becomeSubreaper() {
    Kernel.call("become subreaper", Syscall.PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0);
  }

  /**
   * Collects a child that Java's own {@link Process} does not know. Blocks until it has ended.
   *
   * @return its exit code, or 128 + the signal that ended it; empty when it is no child of ours
   */
  public OptionalInt await(int pid) {
    return waitid(P_PID, pid, WEXITED);
  }

  /** As {@link #await}, but empty also when it has not ended yet. */
  public OptionalInt reap(int pid) {
    return waitid(P_PID, pid, WEXITED | WNOHANG);
  }

  private static OptionalInt waitid(int idType, int pid, int options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
      while (true) {
        long r = Kernel.raw(Syscall.WAITID, idType, pid, info.address(), options, 0, 0);
        if (r == -Errno.EINTR.number()) {
          continue;
        }
        if (r == -Errno.ECHILD.number()) {
          return OptionalInt.empty();
        }
        Kernel.check("wait for " + pid, r);
        break;
      }
      // siginfo_t: si_signo 0, si_code 8, si_pid 12, si_status 24; si_pid 0: nothing ended yet.
      if (info.get(ValueLayout.JAVA_INT, 12) == 0) {
        return OptionalInt.empty();
      }
      int status = info.get(ValueLayout.JAVA_INT, 24);
      int cldExited = 1;
      return OptionalInt.of(info.get(ValueLayout.JAVA_INT, 8) == cldExited ? status : 128 + status);
    }
  }

  private record Stat(char state, int parent, long startTicks) {}

  /** proc_pid_stat(5): the command in parentheses may hold anything, so count from its end. */
  private static Optional<Stat> stat(int pid) {
    String line;
    try {
      line = Files.readString(Path.of("/proc/" + pid + "/stat"));
    } catch (IOException e) {
      return Optional.empty();
    }
    String[] f = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    return Optional.of(new Stat(f[0].charAt(0), Integer.parseInt(f[1]), Long.parseLong(f[19])));
  }
}
