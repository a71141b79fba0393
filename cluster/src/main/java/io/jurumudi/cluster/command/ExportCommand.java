package io.jurumudi.cluster.command;

import io.jurumudi.runtime.image.ImageArchives;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "export", description = "Writes images as an archive that docker and others load.")
final class ExportCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Where to write it.")
  Path output = Path.of("");

  @Option(names = "--layout", description = "Writes an OCI layout directory instead of one file.")
  boolean layout;

  @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names or ids.")
  List<String> names = List.of();

  @Override
  public Integer call() throws IOException {
    ImageArchives archives = new ImageArchives(ImageDirectory.open(cluster));
    if (layout) {
      archives.exportLayout(names, output);
    } else {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(output))) {
        archives.export(names, out);
      }
    }
    return 0;
  }
}
