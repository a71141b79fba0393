package io.jurumudi.runtime.build;

import io.jurumudi.cri.Mount;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.container.BuildContainer;
import io.jurumudi.runtime.image.Digest;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** RUN: a command in a container upon the layers so far; what it writes becomes a layer. */
final class RunStep {
  /** Names of the files that a container's mounts leave as empty stubs in its root. */
  private static final List<String> STUBS =
      List.of("etc/resolv.conf", "etc/hosts", "dev", "proc", "sys");

  /** Build arguments that need no ARG, and do not decide what a step makes. */
  private static final Set<String> PROXIES =
      Set.of(
          "HTTP_PROXY",
          "http_proxy",
          "HTTPS_PROXY",
          "https_proxy",
          "FTP_PROXY",
          "ftp_proxy",
          "NO_PROXY",
          "no_proxy",
          "ALL_PROXY",
          "all_proxy");

  private final Steps steps;
  private final Linux linux;
  private final ImageStore images;
  private final BuildRequest request;
  private final SourceTree context;
  private final Consumer<String> progress;

  RunStep(
      Steps steps,
      Linux linux,
      ImageStore images,
      BuildRequest request,
      SourceTree context,
      Consumer<String> progress) {
    this.steps = steps;
    this.linux = linux;
    this.images = images;
    this.request = request;
    this.context = context;
    this.progress = progress;
  }

  void run(Stage s, Instruction i, String title) throws BuildException, IOException {
    List<String> args = new ArrayList<>();
    String script = i.text();
    if (!i.heredocs().isEmpty()) {
      Instruction.Heredoc first = i.heredocs().getFirst();
      boolean alone = i.text().matches("<<-?[\"']?" + first.name() + "[\"']?");
      // Alone it is the script; beside a command the shell reads it as in a script.
      StringBuilder whole = new StringBuilder(alone ? first.content() : i.text() + "\n");
      if (!alone) {
        i.heredocs().forEach(h -> whole.append(h.content()).append(h.name()).append('\n'));
      }
      script = whole.toString();
    }
    if (i.json().isPresent()) {
      args.addAll(i.json().get());
    } else {
      args.addAll(s.shellOrDefault());
      args.add(script);
    }
    Map<String, String> env = new LinkedHashMap<>();
    request
        .arguments()
        .forEach(
            (k, v) -> {
              if (PROXIES.contains(k)) {
                env.put(k, v);
              }
            });
    Map<String, String> deciding = s.variables();
    env.putAll(deciding);
    List<String> envList = new ArrayList<>();
    env.forEach((k, v) -> envList.add(k + "=" + v));
    boolean network = request.hostNetwork();
    Optional<String> own = i.flag("network");
    if (own.isPresent()) {
      network = !own.get().equals("none");
    }
    List<Path> temporary = new ArrayList<>();
    List<Mount> mounts = mounts(s, i, temporary);
    boolean hostNetwork = network;
    try {
      steps.layer(
          s,
          i,
          title,
          "RUN " + args + deciding + s.user + "@" + s.workingDir + i.flags(),
          dir -> {
            List<String> below = s.image.names();
            Lines lines = new Lines(progress);
            int code;
            try (lines) {
              code =
                  new BuildContainer(linux, images)
                      .run(
                          new BuildContainer.Command(
                              below,
                              dir,
                              args,
                              envList,
                              s.user,
                              s.workingDir.isEmpty() ? "/" : s.workingDir,
                              mounts,
                              hostNetwork),
                          lines);
            }
            if (code != 0) {
              throw new BuildException(
                  "process \""
                      + String.join(" ", args)
                      + "\" did not complete successfully: exit"
                      + " code: "
                      + code);
            }
            removeStubs(s, dir);
          });
    } finally {
      for (Path p : temporary) {
        FileTree.delete(p);
      }
    }
  }

  /** Mount points that the container's own mounts needed and the image does not have. */
  private void removeStubs(Stage s, Path dir) throws IOException {
    var below = images.layers().view(s.image.names());
    for (String stub : STUBS) {
      Path p = dir.resolve(stub);
      if (!Files.exists(p, LinkOption.NOFOLLOW_LINKS) || below.find("/" + stub).isPresent()) {
        continue;
      }
      Stat stat = Stat.of(p);
      boolean empty = stat.type() == Stat.DIRECTORY ? Steps.isEmpty(p) : stat.size() == 0;
      if (empty) {
        Files.delete(p);
      }
    }
    Path etc = dir.resolve("etc");
    if (Files.isDirectory(etc, LinkOption.NOFOLLOW_LINKS)
        && below.find("/etc").isEmpty()
        && Steps.isEmpty(etc)) {
      Files.delete(etc);
    }
  }

  /** Mounts of RUN: caches that stay between builds, temporary file systems, the context. */
  private List<Mount> mounts(Stage s, Instruction i, List<Path> temporary)
      throws BuildException, IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String spec : i.flagValues("mount")) {
      Map<String, String> o = new LinkedHashMap<>();
      for (String part : steps.expand(s, spec).split(",", -1)) {
        String[] kv = part.split("=", 2);
        o.put(kv[0].toLowerCase(Locale.ROOT), kv.length == 2 ? kv[1] : "true");
      }
      String type = o.getOrDefault("type", "bind");
      String target =
          o.getOrDefault("target", o.getOrDefault("dst", o.getOrDefault("destination", "")));
      if (target.isEmpty()) {
        throw new BuildException("--mount=" + spec + " has no target");
      }
      String path = Steps.absolute(s, target);
      boolean readonly = o.containsKey("readonly") || o.containsKey("ro");
      Path host;
      switch (type) {
        case "cache" -> {
          String id = o.getOrDefault("id", path);
          host =
              Files.createDirectories(
                  images
                      .root()
                      .resolve("build-mounts")
                      .resolve(Digest.of(id.getBytes(StandardCharsets.UTF_8)).hex()));
        }
        case "tmpfs" -> {
          host = images.layers().newDirectory();
          temporary.add(host);
        }
        case "bind" -> {
          if (o.containsKey("from")) {
            throw new BuildException("--mount=type=bind,from=… is not supported");
          }
          String source = o.getOrDefault("source", o.getOrDefault("src", "."));
          host =
              context
                  .find(source)
                  .orElseThrow(
                      () -> new BuildException("\"" + source + "\" not found in the context"));
          readonly = !o.containsKey("rw") && !o.containsKey("readwrite");
        }
        default -> throw new BuildException("--mount=type=" + type + " is not supported");
      }
      mounts.add(new Mount(path, host.toString(), readonly, false, Mount.Propagation.PRIVATE));
    }
    return mounts;
  }

  /** Hands output on line by line. */
  private static final class Lines extends OutputStream {
    private final Consumer<String> to;
    private final java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();

    Lines(Consumer<String> to) {
      this.to = to;
    }

    @Override
    public void write(int b) {
      if (b == '\n') {
        to.accept(line.toString(StandardCharsets.UTF_8));
        line.reset();
      } else {
        line.write(b);
      }
    }

    @Override
    public void close() {
      if (line.size() > 0) {
        write('\n');
      }
    }
  }
}
