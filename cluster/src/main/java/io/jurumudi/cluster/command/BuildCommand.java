package io.jurumudi.cluster.command;

import io.jurumudi.runtime.build.BuildException;
import io.jurumudi.runtime.build.BuildRequest;
import io.jurumudi.runtime.build.HostBase;
import io.jurumudi.runtime.build.ImageBuilder;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "build",
    description = {
      "Builds an image from a Dockerfile; the cluster can use it at once.",
      "FROM jurumudi.local/busybox needs no network: it is made from this machine's busybox."
    })
final class BuildCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Parameters(paramLabel = "CONTEXT", description = "Directory that COPY and ADD read.")
  Path context = Path.of(".");

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "NAME[:TAG]",
      description = "A name for the image; may be given several times.")
  List<String> tags = List.of();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The Dockerfile (default: CONTEXT/Dockerfile).")
  Path file = Path.of("");

  @Option(
      names = "--build-arg",
      paramLabel = "KEY=VALUE",
      description = "A value for ARG; without =VALUE it is taken from the environment.")
  List<String> arguments = List.of();

  @Option(names = "--target", paramLabel = "STAGE", description = "Builds up to this stage.")
  String target = "";

  @Option(names = "--label", paramLabel = "KEY=VALUE", description = "A label for the image.")
  Map<String, String> labels = Map.of();

  @Option(names = "--no-cache", description = "Runs every step, whatever is known of it.")
  boolean noCache;

  @Option(
      names = {"-q", "--quiet"},
      description = "Prints the image's id alone.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(context)) {
      throw new CommandException("the context " + context + " is not a directory");
    }
    ImageStore images = ImageDirectory.open(cluster);
    HostBase.ensure(images);
    BuildRequest request =
        new BuildRequest(
            context,
            file.toString().isEmpty() ? Optional.empty() : Optional.of(file),
            tags,
            values(),
            target,
            labels,
            noCache,
            true,
            BuildRequest.DEFAULT_EPOCH);
    try {
      Image image =
          new ImageBuilder(images, ImageDirectory.puller(images))
              .build(request, quiet ? _ -> {} : System.out::println);
      System.out.println(quiet ? image.id() : "Built " + image.id() + names());
      return 0;
    } catch (BuildException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private String names() {
    return tags.isEmpty() ? "" : " as " + String.join(", ", tags);
  }

  private Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String key = equals < 0 ? argument : argument.substring(0, equals);
      String value = equals < 0 ? System.getenv(key) : argument.substring(equals + 1);
      if (value != null) {
        values.put(key, value);
      }
    }
    return values;
  }
}
