package io.jurumudi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/**
 * Namespaces that live in a file. A namespace belongs to a thread, so everything here runs on a
 * platform thread made for the purpose, which ends with the call: no other thread ever finds itself
 * in a foreign namespace.
 */
public final class Namespaces {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int CLONE_FS = 0x200;

  Namespaces() {}

  /**
   * Makes new namespaces and binds each to its file, which is created when absent. They live until
   * the file is unmounted and the last process has left. The loopback device of a new network
   * namespace is up. PID and MOUNT cannot be made this way.
   *
   * @param hostname name in a new UTS namespace, or empty to keep the host's
   */
  public void create(Map<Namespace, Path> files, String hostname) {
    int flags = 0;
    for (Namespace n : files.keySet()) {
      if (n == Namespace.PID || n == Namespace.MOUNT) {
        throw new IllegalArgumentException("a " + n.file() + " namespace cannot be bound so");
      }
      flags |= n.flag();
    }
    int wanted = flags;
    onOwnThread(
        () -> {
          Kernel.call("unshare " + files.keySet(), Syscall.UNSHARE, wanted, 0, 0);
          if (!hostname.isEmpty() && files.containsKey(Namespace.UTS)) {
            setHostname(hostname);
          }
          if (files.containsKey(Namespace.NETWORK)) {
            try (RouteSocket route = RouteSocket.open()) {
              route.setUp(route.link("lo").orElseThrow().index());
            }
          }
          Mounts mounts = new Mounts();
          for (Map.Entry<Namespace, Path> e : files.entrySet()) {
            Path file = e.getValue();
            Files.createDirectories(parent(file));
            if (!Files.exists(file)) {
              Files.createFile(file);
            }
            mounts.bind(Path.of("/proc/thread-self/ns/" + e.getKey().file()), file, false);
          }
          return true;
        });
  }

  /** A new network namespace bound to {@code file}; loopback is up. */
  public void createNetwork(Path file) {
    create(Map.of(Namespace.NETWORK, file), "");
  }

  /** Whether a namespace is bound to the file. */
  public boolean exists(Path file) {
    Path real = Mounts.real(file);
    return new Mounts()
        .list().stream().anyMatch(m -> m.fsType().equals("nsfs") && m.target().equals(real));
  }

  /** Unbinds and deletes the file; does nothing when it is gone. */
  public void remove(Path file) {
    Mounts mounts = new Mounts();
    while (mounts.detach(file)) {
      // Bound more than once: after an interrupted set-up.
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs {@code body} inside the namespace that {@code file} is bound to (also /proc/PID/ns/net)
   * and returns its result. Sockets opened there stay there.
   */
  public <T> T inside(Namespace kind, Path file, Callable<T> body) {
    return inside(Map.of(kind, file), body);
  }

  public <T> T inside(Map<Namespace, Path> files, Callable<T> body) {
    return onOwnThread(
        () -> {
          if (files.containsKey(Namespace.MOUNT)) {
            // A thread that shares its working directory may not change its mount namespace.
            Kernel.call("unshare fs", Syscall.UNSHARE, CLONE_FS, 0, 0);
          }
          try (Arena arena = Arena.ofConfined()) {
            int[] fds = new int[files.size()];
            int i = 0;
            for (Path f : files.values()) {
              fds[i++] = Kernel.open(arena, f.toString(), O_RDONLY_CLOEXEC);
            }
            i = 0;
            for (Map.Entry<Namespace, Path> e : files.entrySet()) {
              Kernel.call("enter " + e.getValue(), Syscall.SETNS, fds[i], e.getKey().flag(), 0);
              Kernel.close(fds[i++]);
            }
          }
          return body.call();
        });
  }

  /** Runs {@code body} in new namespaces that end with it. MOUNT comes with private propagation. */
  public <T> T insideNew(Set<Namespace> kinds, Callable<T> body) {
    int flags = 0;
    for (Namespace n : kinds) {
      flags |= n.flag();
    }
    int wanted = flags;
    return onOwnThread(
        () -> {
          Kernel.call("unshare " + kinds, Syscall.UNSHARE, wanted, 0, 0);
          if (kinds.contains(Namespace.MOUNT)) {
            new Mounts().propagate(Path.of("/"), Mounts.PRIVATE, true);
          }
          return body.call();
        });
  }

  /** What is done with a mount namespace while it is held. */
  public interface MountNamespaceUse<T> {
    /**
     * @param thread directory below /proc of a thread that holds the namespace: its {@code ns/mnt}
     *     is what setns(2) and nsenter(1) want, its {@code root} is our root directory there, which
     *     is not the namespace's own when this process was started below chroot(2)
     */
    T with(Path thread) throws IOException;
  }

  /**
   * Makes a mount namespace, has {@code prepare} mount and unmount in it, and then runs {@code use}
   * on the caller's own thread, outside of it. The namespace ends when {@code use} has returned and
   * the last process that entered it has ended.
   *
   * @param propagation {@link Mounts#PRIVATE} or {@link Mounts#SLAVE} for all its mounts; 0: mounts
   *     that are shared on the host stay so
   */
  public <T> T withMounts(long propagation, Callable<?> prepare, MountNamespaceUse<T> use)
      throws IOException {
    CompletableFuture<Path> prepared = new CompletableFuture<>();
    CountDownLatch used = new CountDownLatch(1);
    Thread.ofPlatform()
        .name("mounts")
        .daemon()
        .start(
            () -> {
              try {
                Kernel.call("unshare mounts", Syscall.UNSHARE, Namespace.MOUNT.flag(), 0, 0);
                if (propagation != 0) {
                  new Mounts().propagate(Path.of("/"), propagation, true);
                }
                prepare.call();
                long thread = Kernel.call("gettid", Syscall.GETTID, 0, 0, 0);
                prepared.complete(
                    Path.of("/proc", "" + ProcessHandle.current().pid(), "task", "" + thread));
                used.await();
              } catch (Throwable t) {
                prepared.completeExceptionally(t);
              }
            });
    try {
      return use.with(result(prepared));
    } finally {
      used.countDown();
    }
  }

  private static void setHostname(String hostname) {
    byte[] name = hostname.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "sethostname " + hostname,
          Syscall.SETHOSTNAME,
          Kernel.string(arena, hostname),
          name.length,
          0);
    }
  }

  private static Path parent(Path file) {
    Path p = file.toAbsolutePath().getParent();
    return p == null ? file : p;
  }

  private static <T> T onOwnThread(Callable<T> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("namespace")
        .daemon()
        .start(
            () -> {
              try {
                result.complete(body.call());
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    return result(result);
  }

  private static <T> T result(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      switch (cause) {
        case RuntimeException r -> throw r;
        case Error r -> throw r;
        case IOException r -> throw new UncheckedIOException(r);
        case null, default -> throw new IllegalStateException(cause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
