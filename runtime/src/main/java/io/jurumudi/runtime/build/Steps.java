package io.jurumudi.runtime.build;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.container.UserLookup;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter.Layer;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Carries out the instructions of a stage. Belongs to one build and its thread. */
final class Steps {

  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)");

  /** Finds what {@code --from} names. */
  interface Trees {
    SourceTree find(Instruction i, String from) throws BuildException, IOException;
  }

  private final Linux linux;
  private final ImageStore images;
  private final BuildRequest request;
  private final BuildCache cache;
  private final SourceTree context;
  private final char escape;
  private final Map<String, String> globals;
  private final Consumer<String> progress;
  private final Trees trees;

  Steps(
      Linux linux,
      ImageStore images,
      BuildRequest request,
      BuildCache cache,
      SourceTree context,
      char escape,
      Map<String, String> globals,
      Consumer<String> progress,
      Trees trees) {
    this.linux = linux;
    this.images = images;
    this.request = request;
    this.cache = cache;
    this.context = context;
    this.escape = escape;
    this.globals = globals;
    this.progress = progress;
    this.trees = trees;
  }

  /** Does one instruction to a stage. */
  void run(Stage s, Instruction i, String title) throws BuildException, IOException {
    switch (i.keyword()) {
      case "RUN" -> new RunStep(this, linux, images, request, context, progress).run(s, i, title);
      case "COPY", "ADD" -> copy(s, i, title);
      case "WORKDIR" -> workdir(s, i, title);
      default -> {
        configure(s, i);
        progress.accept(title);
        if (!i.keyword().equals("ARG")) {
          s.image.note(i.shown());
        }
      }
    }
  }

  String expand(Stage s, String text) throws BuildException {
    return Words.expand(text, s.variables(), escape);
  }

  private List<String> words(Stage s, Instruction i) throws BuildException {
    if (i.json().isPresent()) {
      List<String> all = new ArrayList<>();
      for (String w : i.json().get()) {
        all.add(expandKeepingQuotes(s, w));
      }
      return all;
    }
    List<String> all = new ArrayList<>();
    for (String w : Words.split(i.text(), escape)) {
      all.add(expand(s, w));
    }
    return all;
  }

  private String expandKeepingQuotes(Stage s, String w) throws BuildException {
    return Words.expandOnly(w, s.variables(), escape);
  }

  // ---- configuration

  private void configure(Stage s, Instruction i) throws BuildException {
    switch (i.keyword()) {
      case "ENV" -> pairs(s, i, s.env);
      case "LABEL" -> pairs(s, i, s.labels);
      case "ARG" -> argument(s, i);
      case "USER" -> s.user = expand(s, i.text());
      case "CMD" -> {
        s.cmd = command(s, i);
        s.cmdOfThisStage = true;
      }
      case "ENTRYPOINT" -> {
        s.entrypoint = command(s, i);
        if (!s.cmdOfThisStage) {
          s.cmd = List.of(); // what the base gave its own entrypoint means nothing to this one
        }
      }
      case "EXPOSE" -> {
        for (String p : words(s, i)) {
          expose(s, p);
        }
      }
      case "VOLUME" ->
          words(s, i).stream().filter(v -> !s.volumes.contains(v)).forEach(s.volumes::add);
      case "STOPSIGNAL" -> s.stopSignal = expand(s, i.text());
      case "SHELL" ->
          s.shell =
              i.json()
                  .filter(j -> !j.isEmpty())
                  .orElseThrow(
                      () -> new BuildException("SHELL requires the arguments to be in JSON form"));
      case "HEALTHCHECK" -> s.healthcheck = healthcheck(i);
      case "MAINTAINER" -> s.labels.put("maintainer", i.text());
      case "ONBUILD" -> {
        Instruction inner = Dockerfile.instruction(i.text(), i.line(), List.of(), "ONBUILD");
        if (Set.of("FROM", "ONBUILD", "MAINTAINER").contains(inner.keyword())) {
          throw new BuildException(inner.keyword() + " isn't allowed as an ONBUILD trigger");
        }
        s.triggers.add(i.text());
      }
      default -> throw new BuildException("instruction " + i.keyword() + " is not expected here");
    }
  }

  private static List<String> command(Stage s, Instruction i) {
    if (i.json().isPresent()) {
      return i.json().get();
    }
    List<String> c = new ArrayList<>(s.shellOrDefault());
    c.add(i.text());
    return List.copyOf(c);
  }

  private void pairs(Stage s, Instruction i, Map<String, String> into) throws BuildException {
    List<String> words = Words.split(i.text(), escape);
    // All values of one instruction see the variables as they were before it.
    Map<String, String> values = new LinkedHashMap<>();
    if (!words.getFirst().contains("=")) {
      String[] kv = i.text().split("\\s+", 2);
      if (kv.length < 2) {
        throw new BuildException(i.keyword() + " must have two arguments");
      }
      values.put(expand(s, kv[0]), expand(s, kv[1]));
    } else {
      for (String w : words) {
        int eq = w.indexOf('=');
        if (eq <= 0) {
          throw new BuildException(
              "can't find = in \"" + w + "\". Must be of the form: name=value");
        }
        values.put(expand(s, w.substring(0, eq)), expand(s, w.substring(eq + 1)));
      }
    }
    into.putAll(values);
  }

  private void argument(Stage s, Instruction i) throws BuildException {
    for (String w : Words.split(i.text(), escape)) {
      String[] kv = w.split("=", 2);
      String given = request.arguments().get(kv[0]);
      if (given != null) {
        s.arguments.put(kv[0], given);
      } else if (kv.length == 2) {
        s.arguments.put(kv[0], expand(s, kv[1]));
      } else if (globals.containsKey(kv[0])) {
        s.arguments.put(kv[0], globals.getOrDefault(kv[0], ""));
      }
    }
  }

  private static void expose(Stage s, String port) throws BuildException {
    String[] parts = port.split("/", 2);
    String protocol = parts.length == 2 ? parts[1].toLowerCase(Locale.ROOT) : "tcp";
    String[] range = parts[0].split("-", 2);
    try {
      int from = Integer.parseInt(range[0]);
      int to = range.length == 2 ? Integer.parseInt(range[1]) : from;
      if (from < 1 || to > 65535 || to < from) {
        throw new BuildException("invalid port: " + port);
      }
      for (int p = from; p <= to; p++) {
        String entry = p + "/" + protocol;
        if (!s.ports.contains(entry)) {
          s.ports.add(entry);
        }
      }
    } catch (NumberFormatException e) {
      throw new BuildException("invalid port: " + port, e);
    }
  }

  private static Map<String, Object> healthcheck(Instruction i) throws BuildException {
    String[] parts = i.text().split("\\s+", 2);
    if (parts[0].equalsIgnoreCase("NONE")) {
      return Map.of("Test", List.of("NONE"));
    }
    if (!parts[0].equalsIgnoreCase("CMD") || parts.length < 2) {
      throw new BuildException("unknown type \"" + parts[0] + "\" in HEALTHCHECK (try CMD)");
    }
    Instruction cmd = Dockerfile.instruction(i.text(), i.line(), List.of(), "HEALTHCHECK");
    List<Object> test = new ArrayList<>();
    test.add(cmd.json().isPresent() ? "CMD" : "CMD-SHELL");
    test.addAll(cmd.json().orElse(List.of(cmd.text())));
    Map<String, Object> h = new LinkedHashMap<>();
    h.put("Test", test);
    for (String name : List.of("Interval", "Timeout", "StartPeriod", "StartInterval")) {
      String flag = name.replaceAll("(?<=[a-z])([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      Optional<String> v = i.flag(flag);
      if (v.isPresent()) {
        h.put(name, nanos(v.get()));
      }
    }
    Optional<String> retries = i.flag("retries");
    if (retries.isPresent()) {
      try {
        h.put("Retries", Long.parseLong(retries.get()));
      } catch (NumberFormatException e) {
        throw new BuildException("--retries is no number: " + retries.get(), e);
      }
    }
    return h;
  }

  private static long nanos(String duration) throws BuildException {
    Matcher m = DURATION.matcher(duration);
    double sum = 0;
    int end = 0;
    while (m.find() && m.start() == end) {
      double factor =
          switch (m.group(2)) {
            case "ns" -> 1;
            case "us" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 6e10;
            default -> 3.6e12;
          };
      sum += Double.parseDouble(m.group(1)) * factor;
      end = m.end();
    }
    if (end == 0 || end != duration.length()) {
      throw new BuildException("invalid duration: " + duration);
    }
    return Duration.ofNanos((long) sum).toNanos();
  }

  // ---- layers

  /** What makes the directory of a layer. */
  interface Making {
    void fill(Path layer) throws BuildException, IOException;
  }

  void layer(Stage s, Instruction i, String title, String step, Making making)
      throws BuildException, IOException {
    List<String> below = s.image.names();
    String key = BuildCache.key(below, step + "\n" + request.epoch());
    Optional<BuildCache.Result> known =
        request.noCache() ? Optional.empty() : cache.find(key, below);
    if (known.isPresent()) {
      progress.accept(title + " (cached)");
      if (known.get().layer().isPresent()) {
        s.image.add(known.get().layer().get(), i.shown());
      } else {
        s.image.note(i.shown());
      }
      return;
    }
    progress.accept(title);
    Path dir = images.layers().newDirectory();
    try {
      copyRoot(below, dir);
      making.fill(dir);
      if (isEmpty(dir)) {
        cache.put(key, new BuildCache.Result(Optional.empty()));
        s.image.note(i.shown());
        return;
      }
      CopyStep.setTimes(linux, dir, request.epoch().getEpochSecond());
      Layer made = s.image.addLayer(dir, i.shown());
      cache.put(key, new BuildCache.Result(Optional.of(made)));
    } finally {
      FileTree.delete(dir);
    }
  }

  private void copyRoot(List<String> below, Path dir) throws IOException {
    if (!below.isEmpty()) {
      io.jurumudi.runtime.image.FileCopies.metadata(
          linux, images.layers().path(below.getLast()), dir);
    }
  }

  static boolean isEmpty(Path dir) throws IOException {
    try (DirectoryStream<Path> s = Files.newDirectoryStream(dir)) {
      return !s.iterator().hasNext();
    }
  }

  private void workdir(Stage s, Instruction i, String title) throws BuildException, IOException {
    String path = expand(s, i.text());
    String absolute = absolute(s, path);
    s.workingDir = absolute;
    Optional<Path> there = images.layers().view(s.image.names()).findFollowing(absolute);
    if (there.isPresent()) {
      if (Stat.of(there.get()).type() != Stat.DIRECTORY) {
        throw new BuildException("WORKDIR " + absolute + " is not a directory in the image");
      }
      progress.accept(title);
      s.image.note(i.shown());
      return;
    }
    CopyStep.Plan plan =
        new CopyStep.Plan(
            context,
            List.of(),
            absolute,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalInt.empty(),
            false,
            false,
            List.of());
    layer(
        s,
        i,
        title,
        "WORKDIR " + absolute,
        dir ->
            new CopyStep(linux, images.layers(), s.image.names(), dir, plan).directory(absolute));
  }

  static String absolute(Stage s, String path) {
    String base = s.workingDir.isEmpty() ? "/" : s.workingDir;
    return Path.of(base).resolve(path).normalize().toString();
  }

  private void copy(Stage s, Instruction i, String title) throws BuildException, IOException {
    List<String> words = words(s, i);
    if (words.size() < 2) {
      throw new BuildException(i.keyword() + " requires at least two arguments");
    }
    Optional<String> from = i.flag("from");
    boolean add = i.keyword().equals("ADD");
    SourceTree source = from.isPresent() ? trees.find(i, expand(s, from.get())) : context;
    List<CopyStep.Item> items = new ArrayList<>();
    for (String w : words.subList(0, words.size() - 1)) {
      Optional<Instruction.Heredoc> doc =
          i.heredocs().stream()
              .filter(h -> w.matches("<<-?[\"']?" + h.name() + "[\"']?"))
              .findFirst();
      if (doc.isPresent()) {
        String content =
            doc.get().expand() ? expandKeepingQuotes(s, doc.get().content()) : doc.get().content();
        items.add(
            new CopyStep.Item(
                doc.get().name(), Optional.of(content.getBytes(StandardCharsets.UTF_8))));
        continue;
      }
      if (add && w.matches("(https?|git|ssh)://.*|git@.*")) {
        throw new BuildException("ADD from a URL is not supported: " + w);
      }
      List<String> found = source.expand(w);
      if (found.isEmpty()) {
        throw new BuildException(
            "failed to compute cache key: \""
                + w
                + "\" not found"
                + (from.isPresent() ? " in " + from.get() : " in the build context"));
      }
      found.forEach(f -> items.add(new CopyStep.Item(f, Optional.empty())));
    }
    String last = words.getLast();
    String destination = absolute(s, last);
    boolean slash = last.endsWith("/") || last.equals(".") || last.endsWith("/.");
    long[] owner = new long[] {-1, -1};
    Optional<String> chown = i.flag("chown");
    if (chown.isPresent()) {
      owner = owner(s, expand(s, chown.get()));
    }
    Optional<String> chmod = i.flag("chmod");
    OptionalInt mode = OptionalInt.empty();
    if (chmod.isPresent()) {
      try {
        mode = OptionalInt.of(Integer.parseInt(expand(s, chmod.get()), 8));
      } catch (NumberFormatException e) {
        throw new BuildException("--chmod must be octal, such as 755: " + chmod.get(), e);
      }
    }
    List<Pattern> excludes = new ArrayList<>();
    for (String e : i.flagValues("exclude")) {
      excludes.add(Globs.compile(expand(s, e)));
    }
    CopyStep.Plan plan =
        new CopyStep.Plan(
            source,
            items,
            slash && !destination.endsWith("/") ? destination + "/" : destination,
            owner[0] < 0 ? OptionalLong.empty() : OptionalLong.of(owner[0]),
            owner[1] < 0 ? OptionalLong.empty() : OptionalLong.of(owner[1]),
            mode,
            add,
            i.flag("parents").isPresent(),
            excludes);
    layer(
        s,
        i,
        title,
        i.keyword() + " " + CopyStep.key(plan),
        dir -> new CopyStep(linux, images.layers(), s.image.names(), dir, plan).run());
  }

  private long[] owner(Stage s, String spec) throws BuildException {
    try {
      UserLookup users = new UserLookup(images.layers().view(s.image.names()));
      var u = users.resolve(spec, false);
      boolean justNumber = spec.chars().allMatch(Character::isDigit);
      return new long[] {u.uid(), justNumber ? u.uid() : u.gid()};
    } catch (IOException e) {
      throw new BuildException("--chown=" + spec + ": " + e.getMessage(), e);
    }
  }
}
