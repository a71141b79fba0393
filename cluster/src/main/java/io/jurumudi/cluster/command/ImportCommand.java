package io.jurumudi.cluster.command;

import io.jurumudi.runtime.image.ImageArchives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    description = "Adds the images of a docker-archive or an OCI layout (directory or tar).")
final class ImportCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Parameters(paramLabel = "FILE", description = "As 'docker save' or 'export' wrote it.")
  Path file = Path.of("");

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(file)) {
      throw new CommandException("there is no " + file);
    }
    new ImageArchives(ImageDirectory.open(cluster)).importFrom(file).forEach(System.out::println);
    return 0;
  }
}
