package io.jurumudi.runtime.build;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageName;
import io.jurumudi.runtime.image.ImagePuller;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter;
import io.jurumudi.runtime.image.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Builds images from Dockerfiles, without a daemon and, unless an image has to be pulled, without a
 * network. Only the stages that the wanted one needs are built. Every step that changes files is a
 * layer, found again in the cache when its input is the same; all times are set to one, so that
 * equal input gives an image of equal digest wherever it is built.
 *
 * <p>Holds no state between builds; each build belongs to its thread.
 */
public final class ImageBuilder {
  private static final String LOCAL_REGISTRY = "jurumudi.local";

  private final Linux linux;
  private final ImageStore images;
  private final ImagePuller puller;

  public ImageBuilder(ImageStore images, ImagePuller puller) {
    this.linux = images.linux();
    this.images = images;
    this.puller = puller;
  }

  /**
   * @param progress gets a line of text at a time: steps, output of commands
   * @return the image, which has all its names
   */
  public Image build(BuildRequest request, Consumer<String> progress)
      throws BuildException, IOException {
    Path file = request.dockerfile().orElse(request.context().resolve("Dockerfile"));
    String name = file.getFileName().toString();
    if (!Files.isDirectory(request.context())) {
      throw new BuildException("the context is no directory: " + request.context());
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new BuildException("there is no Dockerfile: " + file, e);
    }
    List<String> names = new ArrayList<>();
    for (String t : request.tags()) {
      try {
        names.add(ImageName.parse(t).tagged());
      } catch (IllegalArgumentException e) {
        throw new BuildException(String.valueOf(e.getMessage()), e);
      }
    }
    Build build = new Build(request, Dockerfile.parse(text, name), name, progress);
    try (ImageStore.Adding adding = images.adding()) {
      assert adding != null;
      Stage stage = build.target();
      stage.labels.putAll(request.labels());
      var manifest = stage.image.write(stage.config(), request.epoch(), names);
      Image image = images.read(manifest);
      progress.accept("built " + image.id() + (names.isEmpty() ? "" : " " + names));
      return image;
    }
  }

  /** A stage of the Dockerfile: FROM and what follows it. */
  private record Part(Instruction from, String alias, List<Instruction> steps) {}

  /** One build. */
  private final class Build {
    private final BuildRequest request;
    private final String file;
    private final char escape;
    private final Consumer<String> progress;
    private final SourceTree.Context context;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, String> globals = new LinkedHashMap<>();
    private final Map<Integer, Stage> done = new HashMap<>();
    private final BuildCache cache;

    Build(BuildRequest request, Dockerfile d, String file, Consumer<String> progress)
        throws BuildException, IOException {
      this.request = request;
      this.file = file;
      this.escape = d.escape();
      this.progress = progress;
      this.cache = new BuildCache(images);
      Path own = request.context().resolve(file + ".dockerignore");
      Path ignore = Files.exists(own) ? own : request.context().resolve(".dockerignore");
      this.context =
          new SourceTree.Context(
              request.context(),
              new Globs.Ignore(Files.exists(ignore) ? Files.readString(ignore) : ""));
      platform();
      split(d);
    }

    private void platform() {
      for (String p : List.of("TARGET", "BUILD")) {
        globals.put(p + "PLATFORM", Platform.OS + "/" + Platform.architecture());
        globals.put(p + "OS", Platform.OS);
        globals.put(p + "ARCH", Platform.architecture());
        globals.put(p + "VARIANT", "");
      }
    }

    private void split(Dockerfile d) throws BuildException {
      for (Instruction i : d.instructions()) {
        if (i.keyword().equals("FROM")) {
          String[] words = i.text().split("\\s+", -1);
          boolean named = words.length == 3 && words[1].equalsIgnoreCase("AS");
          if (words.length != 1 && !named) {
            throw fail(i, "FROM requires either one argument, or three: FROM <source> [AS <name>]");
          }
          parts.add(new Part(i, named ? words[2].toLowerCase(Locale.ROOT) : "", new ArrayList<>()));
        } else if (!parts.isEmpty()) {
          parts.getLast().steps().add(i);
        } else if (i.keyword().equals("ARG")) {
          for (String w : Words.split(i.text(), escape)) {
            String[] kv = w.split("=", 2);
            String given = request.arguments().get(kv[0]);
            if (given != null) {
              globals.put(kv[0], given);
            } else if (kv.length == 2) {
              globals.put(kv[0], Words.expand(kv[1], globals, escape));
            }
          }
        } else {
          throw fail(i, "no build stage in current context");
        }
      }
      if (parts.isEmpty()) {
        throw new BuildException(file + ": no FROM instruction");
      }
    }

    Stage target() throws BuildException, IOException {
      int index = parts.size() - 1;
      if (!request.target().isEmpty()) {
        index =
            find(request.target())
                .orElseThrow(
                    () ->
                        new BuildException(
                            "target stage \"" + request.target() + "\" could not be found"));
      }
      return stage(index);
    }

    private Optional<Integer> find(String nameOrIndex) {
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i).alias().equals(nameOrIndex.toLowerCase(Locale.ROOT))) {
          return Optional.of(i);
        }
      }
      boolean number = !nameOrIndex.isEmpty() && nameOrIndex.chars().allMatch(Character::isDigit);
      return number && nameOrIndex.length() < 4 && Integer.parseInt(nameOrIndex) < parts.size()
          ? Optional.of(Integer.parseInt(nameOrIndex))
          : Optional.empty();
    }

    private Stage stage(int index) throws BuildException, IOException {
      Stage known = done.get(index);
      if (known != null) {
        return known;
      }
      Part part = parts.get(index);
      Stage s = begin(part, index);
      List<Instruction> steps = new ArrayList<>();
      for (String trigger : List.copyOf(s.triggers)) {
        steps.add(Dockerfile.instruction(trigger, part.from().line(), List.of(), file));
      }
      s.triggers.clear();
      steps.addAll(part.steps());
      Steps runner =
          new Steps(linux, images, request, cache, context, escape, globals, progress, this::tree);
      int n = 0;
      String label = part.alias().isEmpty() ? "" : part.alias() + " ";
      for (Instruction i : steps) {
        String title = "[" + label + ++n + "/" + steps.size() + "] " + i.shown();
        try {
          runner.run(s, i, title);
        } catch (BuildException e) {
          throw new BuildException(file + ":" + i.line() + ": " + e.getMessage(), e);
        }
      }
      done.put(index, s);
      return s;
    }

    private Stage begin(Part part, int index) throws BuildException, IOException {
      Instruction from = part.from();
      String source = expand(from, from.text().split("\\s+", 2)[0]);
      if (source.isEmpty()) {
        throw fail(from, "base name (" + from.text() + ") should not be blank");
      }
      progress.accept(
          "[" + (part.alias().isEmpty() ? "" : part.alias() + " ") + "0] " + from.shown());
      if (source.equals("scratch")) {
        return new Stage(new ImageWriter(images), ImageConfig.EMPTY);
      }
      Optional<Integer> earlier =
          find(source).filter(i -> i < index && !parts.get(i).alias().isEmpty());
      if (earlier.isPresent()) {
        Stage base = stage(earlier.get());
        return new Stage(new ImageWriter(base.image), base.config());
      }
      Image base = image(from, source);
      return new Stage(new ImageWriter(images, base), base.config());
    }

    private String expand(Instruction i, String s) throws BuildException {
      try {
        return Words.expand(s, globals, escape);
      } catch (BuildException e) {
        throw fail(i, String.valueOf(e.getMessage()));
      }
    }

    private Image image(Instruction i, String name) throws BuildException, IOException {
      Optional<Image> local = images.find(name);
      if (local.isPresent()) {
        return local.get();
      }
      ImageName full;
      try {
        full = ImageName.parse(name);
      } catch (IllegalArgumentException e) {
        throw fail(i, String.valueOf(e.getMessage()));
      }
      if (full.registry().equals(LOCAL_REGISTRY)) {
        throw fail(i, "there is no local image " + name);
      }
      progress.accept("pulling " + full);
      try {
        puller.pull(full, null);
      } catch (RuntimeException e) {
        throw fail(i, "there is no local image " + name + ", and " + e.getMessage());
      }
      return images.find(name).orElseThrow(() -> fail(i, "no image " + name));
    }

    /** What {@code --from} names: an earlier stage, or an image. */
    private SourceTree tree(Instruction i, String from) throws BuildException, IOException {
      Optional<Integer> index = find(from);
      if (index.isPresent()) {
        return new SourceTree.Layers(images.layers().view(stage(index.get()).image.names()));
      }
      return new SourceTree.Layers(images.layers().view(images.unpack(image(i, from))));
    }

    private BuildException fail(Instruction i, String why) {
      return new BuildException(file + ":" + i.line() + ": " + why);
    }
  }
}
