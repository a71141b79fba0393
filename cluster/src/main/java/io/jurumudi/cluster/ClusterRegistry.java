package io.jurumudi.cluster;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The clusters of this machine, running or not: a file each below {@code clusters}. */
public final class ClusterRegistry {
  public static final String DEFAULT_NAME = "default";

  /** A DNS label, short enough for the names of links and tables that are made from it. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?");

  private final Path root;

  public ClusterRegistry(Path root) {
    this.root = root;
  }

  /** The machine's own. */
  public static ClusterRegistry ofMachine() {
    return new ClusterRegistry(Path.of("/var/lib/jurumudi"));
  }

  /** Where a cluster's data goes when nobody says otherwise. */
  public Path defaultData(String name) {
    return root.resolve(name);
  }

  public List<ClusterSettings> all() throws IOException {
    if (!Files.isDirectory(entries())) {
      return List.of();
    }
    List<ClusterSettings> clusters = new ArrayList<>();
    try (Stream<Path> files = Files.list(entries())) {
      for (Path file :
          files.filter(f -> NAME.matcher(f.getFileName().toString()).matches()).toList()) {
        clusters.add(ClusterSettings.read(file));
      }
    }
    clusters.sort(Comparator.comparing(ClusterSettings::name));
    return clusters;
  }

  public Optional<ClusterSettings> find(String name) throws IOException {
    try {
      return Optional.of(ClusterSettings.read(entry(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The lowest index that no cluster has. */
  public int freeIndex() throws IOException {
    Set<Integer> taken = all().stream().map(ClusterSettings::index).collect(Collectors.toSet());
    for (int index = 0; index < AddressPlan.LIMIT; index++) {
      if (!taken.contains(index)) {
        return index;
      }
    }
    throw new IOException("this machine holds " + AddressPlan.LIMIT + " clusters already");
  }

  public void put(ClusterSettings settings) throws IOException {
    Files.createDirectories(entries());
    settings.write(entry(settings.name()));
  }

  /** Forgets the cluster; nothing of the registry remains after the last. */
  public void remove(String name) throws IOException {
    Files.deleteIfExists(entry(name));
    try {
      Files.deleteIfExists(entries());
      Files.deleteIfExists(root);
    } catch (DirectoryNotEmptyException e) {
      // other clusters are there
    }
  }

  private Path entries() {
    return root.resolve("clusters");
  }

  private Path entry(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" cannot name a cluster: use up to 20 lower case letters, digits and -");
    }
    return entries().resolve(name);
  }
}
