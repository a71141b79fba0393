package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Directories of an overlay seen as one tree without mounting it: whiteouts and opaque directories
 * have their effect, symbolic links stay inside. For looking up a user or a path of an image.
 */
public final class LayeredView {
  private static final int MAX_LINKS = 40;

  private final Linux linux;
  private final List<Path> layers;

  /**
   * @param layers the uppermost first, as overlayfs has its lowerdir
   */
  public LayeredView(Linux linux, List<Path> layers) {
    this.linux = linux;
    this.layers = List.copyOf(layers);
  }

  /** The file at that path, its last component not followed when it is a link. */
  public Optional<Path> find(String path) throws IOException {
    String resolved = resolve(path, false);
    return lookup(resolved);
  }

  /** The file at that path after all links. */
  public Optional<Path> findFollowing(String path) throws IOException {
    return lookup(resolve(path, true));
  }

  /**
   * The path with all symbolic links in it resolved; components that do not exist are kept.
   *
   * @param last whether the last component is resolved too
   */
  public String resolve(String path, boolean last) throws IOException {
    Deque<String> todo = new ArrayDeque<>(List.of(path.split("/", -1)));
    List<String> done = new ArrayList<>();
    int links = 0;
    while (!todo.isEmpty()) {
      String p = todo.pollFirst();
      if (p.isEmpty() || p.equals(".")) {
        continue;
      }
      if (p.equals("..")) {
        if (!done.isEmpty()) {
          done.removeLast();
        }
        continue;
      }
      done.add(p);
      if (todo.isEmpty() && !last) {
        break;
      }
      Optional<Path> found = lookup("/" + String.join("/", done));
      if (found.isPresent() && Files.isSymbolicLink(found.get())) {
        if (++links > MAX_LINKS) {
          throw new IOException("too many symbolic links in " + path);
        }
        done.removeLast();
        String target = Files.readSymbolicLink(found.get()).toString();
        String[] parts = target.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
          todo.addFirst(parts[i]);
        }
        if (target.startsWith("/")) {
          done.clear();
        }
      }
    }
    return "/" + String.join("/", done);
  }

  /** A path without links in its directories. */
  private Optional<Path> lookup(String path) {
    String relative = path.substring(1);
    for (Path layer : layers) {
      Path at = layer;
      boolean stop = false;
      if (!relative.isEmpty()) {
        for (String p : relative.split("/", -1)) {
          stop |= !at.equals(layer) && Whiteouts.isOpaque(linux, at);
          at = at.resolve(p);
          if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            break;
          }
          if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
            // A whiteout, a file or a link hides what is below it in lower layers.
            if (!Whiteouts.isWhiteout(at) && at.equals(layer.resolve(relative))) {
              return Optional.of(at);
            }
            return Optional.empty();
          }
        }
      }
      if (Files.exists(at, LinkOption.NOFOLLOW_LINKS) && at.equals(layer.resolve(relative))) {
        return Optional.of(at);
      }
      if (stop) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Names and files in a directory, sorted; links in the path are followed. */
  public Map<String, Path> list(String directory) throws IOException {
    String relative = resolve(directory, true).substring(1);
    Map<String, Path> names = new TreeMap<>();
    Set<String> hidden = new HashSet<>();
    for (Path layer : layers) {
      Path at = layer;
      boolean last = false;
      boolean here = true;
      if (!relative.isEmpty()) {
        for (String p : relative.split("/", -1)) {
          at = at.resolve(p);
          if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            here = false;
            break;
          }
          if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
            return names;
          }
          last |= Whiteouts.isOpaque(linux, at);
        }
      }
      if (here) {
        try (DirectoryStream<Path> s = Files.newDirectoryStream(at)) {
          for (Path f : s) {
            String name = f.getFileName().toString();
            if (hidden.add(name) && !Whiteouts.isWhiteout(f)) {
              names.put(name, f);
            }
          }
        }
      }
      if (last) {
        break;
      }
    }
    return names;
  }

  /** Text of a small file such as /etc/passwd; empty when it is not there. */
  public String text(String path) throws IOException {
    Optional<Path> f = findFollowing(path);
    return f.isPresent() && Files.isRegularFile(f.get(), LinkOption.NOFOLLOW_LINKS)
        ? new String(Files.readAllBytes(f.get()), java.nio.charset.StandardCharsets.UTF_8)
        : "";
  }
}
