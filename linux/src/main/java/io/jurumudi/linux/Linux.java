package io.jurumudi.linux;

/**
 * The kernel of this machine, as one value that is handed to what needs it. The parts hold no
 * state; calls may come from any thread and block as their system calls do.
 */
public final class Linux {
  private final Mounts mounts = new Mounts();
  private final Namespaces namespaces = new Namespaces();
  private final Processes processes = new Processes();
  private final UnixFiles files = new UnixFiles();

  public Mounts mounts() {
    return mounts;
  }

  public Namespaces namespaces() {
    return namespaces;
  }

  public Processes processes() {
    return processes;
  }

  public UnixFiles files() {
    return files;
  }

  /** The cgroup hierarchy as it is mounted now. */
  public Cgroups cgroups() {
    return Cgroups.detect();
  }
}
