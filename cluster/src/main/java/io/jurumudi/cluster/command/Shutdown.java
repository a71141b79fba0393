package io.jurumudi.cluster.command;

import io.jurumudi.cluster.ClusterDirectory;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.ProcessLock;
import io.jurumudi.cluster.WorkerProcesses;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Linux;
import io.jurumudi.network.NetworkCleanup;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.runtime.ContainerEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Ends a cluster's processes, with or without what they keep. Works on what is left of one, too.
 */
final class Shutdown {
  /** Containers get their grace, at most 30 s, before the process closes. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ClusterSettings settings;
  private final ClusterDirectory directory;
  private final Linux linux = new Linux();

  Shutdown(ClusterSettings settings) {
    this.settings = settings;
    this.directory = settings.directory();
  }

  /** Ends workers, containers and the control plane; returns whether anything ran. */
  boolean stop() throws IOException, InterruptedException {
    boolean ran = ProcessLock.holder(directory.lock()).isPresent();
    WorkerProcesses workers = new WorkerProcesses(settings, linux);
    for (int node = settings.workers(); node > 0; node--) {
      ran |= end(workers.lock(node));
    }
    end(directory.lock());
    for (int node = 0; node <= settings.workers(); node++) {
      ContainerEngine.stop(settings.engine(node));
    }
    for (int node = settings.workers(); node > 0; node--) {
      workers.leave(node);
    }
    new NetworkCleanup(
            new NetworkNames(settings.name()),
            List.of(
                Cidr.parse(settings.addresses().serviceCidr()),
                Cidr.parse(settings.addresses().podCidr())))
        .run();
    // Not at the data directory itself: that may be a disk that somebody mounted there.
    linux.mounts().detachAll(directory.data().resolve("nodes"));
    linux.mounts().detachAll(directory.images());
    linux.mounts().detachAll(directory.run());
    delete(directory.run());
    return ran;
  }

  /** Stops it and deletes all it kept. */
  void delete() throws IOException, InterruptedException {
    stop();
    for (int node = 0; node <= settings.workers(); node++) {
      ContainerEngine.destroy(settings.engine(node));
    }
    delete(directory.data());
    deleteWhenEmpty(ClusterDirectory.RUN);
  }

  /** Asks a process to stop its workloads and end; kills it when it does not. */
  private static boolean end(Path lock) throws IOException, InterruptedException {
    Optional<ProcessHandle> holder = ProcessLock.holder(lock);
    if (holder.isEmpty()) {
      return false;
    }
    Files.write(StopRequest.file(lock), new byte[0]);
    holder.get().destroy();
    try {
      holder.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      holder.get().destroyForcibly();
      holder.get().onExit().join();
    }
    return true;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // nothing there
    }
  }

  private static void deleteWhenEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        return;
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.delete(directory);
  }
}
