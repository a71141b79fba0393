package io.jurumudi.runtime.build;

import io.jurumudi.runtime.image.LayeredView;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Where COPY and ADD take files from: the context, or the tree of a stage or image. */
interface SourceTree {
  /** The file at a path below the root, all links followed. */
  Optional<Path> find(String path) throws IOException;

  /** Names and files of a directory, sorted. */
  Map<String, Path> list(String path) throws IOException;

  /** Whether the owners of files are kept: not from a context, where they are the user's own. */
  boolean keepsOwners();

  /** Paths that a pattern fits, sorted; a path without wildcards that exists fits itself. */
  default List<String> expand(String pattern) throws IOException {
    String clean = Path.of("/", pattern).normalize().toString();
    if (!Globs.isPattern(clean)) {
      return find(clean).isPresent() ? List.of(clean) : List.of();
    }
    List<String> found = new ArrayList<>(List.of(""));
    for (String part : clean.substring(1).split("/", -1)) {
      List<String> next = new ArrayList<>();
      Pattern p = Globs.compile(part);
      for (String dir : found) {
        Optional<Path> f = find(dir.isEmpty() ? "/" : dir);
        if (f.isPresent() && Stat.of(f.get()).type() == Stat.DIRECTORY) {
          for (String name : list(dir.isEmpty() ? "/" : dir).keySet()) {
            if (p.matcher(name).matches()) {
              next.add(dir + "/" + name);
            }
          }
        }
      }
      found = next;
    }
    return found;
  }

  /** A build's context directory without what .dockerignore names. */
  record Context(Path root, Globs.Ignore ignore) implements SourceTree {
    @Override
    public Optional<Path> find(String path) throws IOException {
      String relative = Path.of("/", path).normalize().toString().substring(1);
      Path real = root.toRealPath();
      Path file = real.resolve(relative);
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Path target = file.toRealPath();
      if (!target.startsWith(real)) {
        return Optional.empty(); // a link that leads out of the context
      }
      boolean hidden =
          !relative.isEmpty()
              && ignore.ignores(relative)
              && !(ignore.hasExceptions() && Files.isDirectory(target));
      return hidden ? Optional.empty() : Optional.of(target);
    }

    @Override
    public Map<String, Path> list(String path) throws IOException {
      String relative = Path.of("/", path).normalize().toString().substring(1);
      Map<String, Path> names = new TreeMap<>();
      try (DirectoryStream<Path> s = Files.newDirectoryStream(root.resolve(relative))) {
        for (Path p : s) {
          String name = p.getFileName().toString();
          boolean hidden = ignore.ignores(relative.isEmpty() ? name : relative + "/" + name);
          if (!hidden
              || (ignore.hasExceptions() && Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))) {
            names.put(name, p);
          }
        }
      }
      return names;
    }

    @Override
    public boolean keepsOwners() {
      return false;
    }
  }

  /** The tree of an image or stage. */
  record Layers(LayeredView view) implements SourceTree {
    @Override
    public Optional<Path> find(String path) throws IOException {
      return view.findFollowing(path);
    }

    @Override
    public Map<String, Path> list(String path) throws IOException {
      return view.list(path);
    }

    @Override
    public boolean keepsOwners() {
      return true;
    }
  }
}
