package io.jurumudi.runtime.build;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.Digest;
import io.jurumudi.runtime.image.FileCopies;
import io.jurumudi.runtime.image.LayerStore;
import io.jurumudi.runtime.image.LayeredView;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * COPY and ADD: writes files into the directory of a new layer, above the layers that the image has
 * so far. Directories that those have keep their owner and mode; symbolic links in the destination
 * lead where they lead in the image.
 */
final class CopyStep {
  /** One thing to copy: a path of the source tree, or the content of a here-document. */
  record Item(String path, Optional<byte[]> content) {}

  /**
   * @param destination absolute, with a slash at its end when it must be a directory
   * @param extract whether archives are unpacked (ADD)
   * @param excludes paths below a source directory that are left out
   */
  record Plan(
      SourceTree source,
      List<Item> items,
      String destination,
      OptionalLong uid,
      OptionalLong gid,
      OptionalInt mode,
      boolean extract,
      boolean parents,
      List<Pattern> excludes) {}

  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;

  private final Linux linux;
  private final LayerStore layers;
  private final LayeredView below;
  private final Path layer;
  private final Plan plan;

  CopyStep(Linux linux, LayerStore layers, List<String> below, Path layer, Plan plan) {
    this.linux = linux;
    this.layers = layers;
    this.below = layers.view(below);
    this.layer = layer;
    this.plan = plan;
  }

  // ---- what it will be

  /** Digest of all that decides the layer, to find it again in the cache. */
  static String key(Plan plan) throws IOException {
    MessageDigest md = Digest.sha256();
    add(md, plan.destination() + plan.uid() + plan.gid() + plan.mode() + plan.extract());
    add(md, plan.parents() + plan.excludes().toString());
    for (Item item : plan.items()) {
      add(md, item.path());
      if (item.content().isPresent()) {
        md.update(item.content().get());
      } else {
        hash(md, plan, item.path(), plan.source().find(item.path()).orElseThrow(), "");
      }
    }
    return Digest.finish(md).hex();
  }

  private static void add(MessageDigest md, String s) {
    md.update(s.getBytes(StandardCharsets.UTF_8));
    md.update((byte) 0);
  }

  private static void hash(MessageDigest md, Plan plan, String path, Path file, String below)
      throws IOException {
    if (excluded(plan, below)) {
      return;
    }
    Stat s = Stat.of(file);
    add(md, below + " " + Integer.toOctalString(s.mode()));
    if (plan.source().keepsOwners()) {
      add(md, s.uid() + ":" + s.gid());
    }
    switch (s.type()) {
      case Stat.DIRECTORY -> {
        for (Map.Entry<String, Path> e : plan.source().list(path).entrySet()) {
          hash(md, plan, path + "/" + e.getKey(), e.getValue(), below + "/" + e.getKey());
        }
      }
      case Stat.SYMLINK -> add(md, Files.readSymbolicLink(file).toString());
      case Stat.FILE -> {
        try (InputStream in = Files.newInputStream(file)) {
          md.update(Digest.of(in).hex().getBytes(StandardCharsets.US_ASCII));
        }
      }
      default -> add(md, Long.toString(s.device()));
    }
  }

  private static boolean excluded(Plan plan, String below) {
    return !below.isEmpty()
        && plan.excludes().stream().anyMatch(p -> p.matcher(below.substring(1)).matches());
  }

  // ---- doing it

  void run() throws IOException, BuildException {
    boolean many = plan.items().size() > 1;
    boolean directory = many || plan.destination().endsWith("/") || isDirectory(plan.destination());
    if (many && !plan.destination().endsWith("/")) {
      throw new BuildException(
          "when using COPY with more than one source file, the destination must be a directory"
              + " and end with a /");
    }
    for (Item item : plan.items()) {
      String base = item.path().substring(item.path().lastIndexOf('/') + 1);
      String into =
          plan.parents()
              ? plan.destination() + "/" + item.path()
              : directory ? plan.destination() + "/" + base : plan.destination();
      if (item.content().isPresent()) {
        Path target = replace(into);
        Files.write(target, item.content().get());
        owner(target, 0, 0, FILE_MODE);
        continue;
      }
      Path file = plan.source().find(item.path()).orElseThrow();
      if (Stat.of(file).type() == Stat.DIRECTORY) {
        String to = plan.parents() ? into : plan.destination();
        directory(to);
        tree(item.path(), to, "");
      } else if (plan.extract() && layers.isArchive(file)) {
        directory(plan.destination());
        String at = below.resolve(plan.destination(), true);
        layers.extract(file, layer.resolve(at.substring(1)));
      } else {
        file(file, into);
      }
    }
  }

  private boolean isDirectory(String path) throws IOException {
    Optional<Path> f = find(path);
    return f.isPresent() && Files.isDirectory(f.get(), LinkOption.NOFOLLOW_LINKS);
  }

  /** In the new layer, else below it. */
  private Optional<Path> find(String path) throws IOException {
    String at = below.resolve(path, true);
    Path own = layer.resolve(at.substring(1));
    return Files.exists(own, LinkOption.NOFOLLOW_LINKS) ? Optional.of(own) : below.find(at);
  }

  private void tree(String from, String to, String beneath) throws IOException {
    for (Map.Entry<String, Path> e : plan.source().list(from).entrySet()) {
      String inner = beneath + "/" + e.getKey();
      if (excluded(plan, inner)) {
        continue;
      }
      String target = to + "/" + e.getKey();
      Stat s = Stat.of(e.getValue());
      if (s.type() == Stat.DIRECTORY) {
        Path made = directory(target);
        owner(made, s.uid(), s.gid(), s.permissions());
        tree(from + "/" + e.getKey(), target, inner);
      } else {
        file(e.getValue(), target);
      }
    }
  }

  private void file(Path from, String to) throws IOException {
    Path target = replace(to);
    FileCopies.copy(linux, from, target);
    Stat s = Stat.of(from);
    owner(target, s.uid(), s.gid(), s.permissions());
  }

  private void owner(Path file, long uid, long gid, int mode) {
    boolean keep = plan.source().keepsOwners();
    linux.files().chown(file, plan.uid().orElse(keep ? uid : 0), plan.gid().orElse(keep ? gid : 0));
    if (!Files.isSymbolicLink(file)) {
      linux.files().chmod(file, plan.mode().orElse(mode));
    }
  }

  /** A place for a file in the layer, with its directory; what was there is gone. */
  private Path replace(String path) throws IOException {
    String parent = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    Path dir = directory(parent.isEmpty() ? "/" : parent);
    Path target = dir.resolve(path.substring(path.lastIndexOf('/') + 1));
    Files.deleteIfExists(target);
    return target;
  }

  /** The directory at that path in the layer, made like the one below it or anew. */
  Path directory(String path) throws IOException {
    String at = below.resolve(path, true);
    Path here = layer;
    StringBuilder so = new StringBuilder();
    for (String part : at.substring(1).split("/", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      so.append('/').append(part);
      here = here.resolve(part);
      if (Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      Files.createDirectory(here);
      Optional<Path> lower = below.find(so.toString());
      if (lower.isPresent() && Files.isDirectory(lower.get(), LinkOption.NOFOLLOW_LINKS)) {
        FileCopies.metadata(linux, lower.get(), here);
      } else {
        owner(here, 0, 0, DIRECTORY_MODE);
        linux.files().chmod(here, DIRECTORY_MODE);
      }
    }
    return here;
  }

  /** Gives every file of a layer one time. */
  static void setTimes(Linux linux, Path root, long seconds) throws IOException {
    List<Path> all = new ArrayList<>();
    try (var s = Files.walk(root)) {
      s.forEach(all::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path p : all.reversed()) {
      linux.files().setTimes(p, seconds, 0);
    }
  }
}
