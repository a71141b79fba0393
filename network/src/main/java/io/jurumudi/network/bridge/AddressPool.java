package io.jurumudi.network.bridge;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.cri.PortMapping;
import io.jurumudi.linux.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses of a node's range and who has them: a file a sandbox, written whole and then renamed,
 * so that a killed process leaves either no lease or a whole one. The pool owns its directory; its
 * lock guards the maps.
 *
 * <p>An address given back is the last to be given out again, for peers may remember it.
 */
final class AddressPool {
  private static final Logger log = LoggerFactory.getLogger(AddressPool.class);

  /** The network's own address and the gateway's come first. */
  private static final int FIRST_HOST = 2;

  private final Cidr range;
  private final Path directory;

  @GuardedBy("this")
  private final Map<String, Lease> leases = new HashMap<>();

  @GuardedBy("this")
  private final Set<InetAddress> taken = new HashSet<>();

  @GuardedBy("this")
  private long next = FIRST_HOST;

  /**
   * Reads the leases there are.
   *
   * @param keep leases that still hold; the others are given back
   */
  AddressPool(Cidr range, Path directory, Predicate<Lease> keep) {
    if (range.size() < 8) {
      throw new IllegalArgumentException("a pod range has at least 8 addresses: " + range);
    }
    this.range = range.network();
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      synchronized (this) {
        load(keep);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @GuardedBy("this")
  private void load(Predicate<Lease> keep) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> d = Files.newDirectoryStream(directory)) {
      d.forEach(files::add);
    }
    for (Path file : files) {
      Optional<Lease> lease = read(file);
      if (lease.isPresent() && keep.test(lease.get()) && taken.add(lease.get().address())) {
        leases.put(lease.get().sandboxId(), lease.get());
        next = Math.max(next, index(lease.get().address()) + 1);
      } else {
        log.info("msg=\"lease given back\" file={}", file.getFileName());
        Files.deleteIfExists(file);
      }
    }
  }

  private Optional<Lease> read(Path file) throws IOException {
    Path name = file.getFileName();
    if (name == null || name.toString().startsWith(".")) {
      return Optional.empty(); // was being written
    }
    try {
      Lease lease = Lease.parse(name.toString(), Files.readString(file));
      return range.contains(lease.address()) ? Optional.of(lease) : Optional.empty();
    } catch (IllegalArgumentException e) {
      log.warn("msg=\"lease not readable\" file={} error=\"{}\"", file, e.getMessage());
      return Optional.empty();
    }
  }

  private long index(InetAddress a) {
    byte[] first = range.address().getAddress();
    byte[] b = a.getAddress();
    long n = 0;
    for (int i = 0; i < b.length; i++) {
      n = (n << 8) + (b[i] & 0xff) - (first[i] & 0xff);
    }
    return n;
  }

  /** The sandbox's lease, made now when it has none. The ports of one that is there stay. */
  synchronized Lease lease(String sandboxId, List<PortMapping> ports) {
    Lease present = leases.get(sandboxId);
    if (present != null) {
      return present;
    }
    Lease lease = new Lease(sandboxId, free(), List.copyOf(ports));
    try {
      Path temporary = directory.resolve("." + sandboxId);
      Files.writeString(temporary, lease.format());
      Files.move(temporary, directory.resolve(sandboxId), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("lease of " + sandboxId + ": " + e.getMessage(), e);
    }
    leases.put(sandboxId, lease);
    taken.add(lease.address());
    return lease;
  }

  @GuardedBy("this")
  private InetAddress free() {
    long end = range.size() - 1; // the last is the broadcast address
    for (long tried = FIRST_HOST; tried < end; tried++) {
      if (next >= end) {
        next = FIRST_HOST;
      }
      InetAddress a = range.host(next++);
      if (!taken.contains(a)) {
        return a;
      }
    }
    throw new IllegalStateException("no address is left in " + range);
  }

  synchronized Optional<Lease> find(String sandboxId) {
    return Optional.ofNullable(leases.get(sandboxId));
  }

  synchronized void release(String sandboxId) {
    Lease lease = leases.remove(sandboxId);
    if (lease == null) {
      return;
    }
    taken.remove(lease.address());
    try {
      Files.deleteIfExists(directory.resolve(sandboxId));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  synchronized List<Lease> all() {
    return List.copyOf(leases.values());
  }

  InetAddress gateway() {
    return range.host(1);
  }

  Cidr range() {
    return range;
  }
}
