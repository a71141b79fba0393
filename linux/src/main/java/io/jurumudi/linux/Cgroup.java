package io.jurumudi.linux;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One control group, in whatever hierarchies the machine has. Holds no state of its own. */
public interface Cgroup {
  /** Path below the root of the hierarchy, without a slash at its ends. */
  String path();

  /** Creates it and its ancestors, with every controller; does nothing where it is there. */
  void create();

  boolean exists();

  /** Sets the limits that are stated. */
  void apply(CgroupLimits limits);

  /** Moves a process, with all its threads, into it. */
  void add(int pid);

  /** Processes in it and in all below it. */
  List<Integer> processes();

  /**
   * Kills every process in it and below and waits until they are gone.
   *
   * @return false when some were still there after {@code patience}
   */
  boolean killAll(Duration patience);

  /**
   * Removes it with all below it; does nothing when it is gone. Fails with EBUSY when processes are
   * in it.
   */
  void remove();

  CgroupStats stats();

  /** Stops all processes in it and below from running; returns at once. */
  void freeze();

  /** Lets all processes in it and below run again, also of cgroups below frozen by themselves. */
  void thaw();

  /** The directory where a controller ({@code memory}, …) keeps its files for this cgroup. */
  Path directory(String controller);
}
