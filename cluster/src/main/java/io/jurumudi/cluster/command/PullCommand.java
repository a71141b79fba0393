package io.jurumudi.cluster.command;

import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LocalImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    description =
        "Pulls an image from its registry, with the credentials of docker's config if any.")
final class PullCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Parameters(paramLabel = "IMAGE", description = "As in a pod: [registry/]name[:tag|@digest].")
  String image = "";

  @Option(
      names = {"-u", "--username"},
      paramLabel = "NAME",
      description = "For the registry; the password comes by --password-stdin.")
  String username = "";

  @Option(
      names = "--password-stdin",
      description = "Reads the password from standard input, less a newline at its end.")
  boolean passwordStdin;

  @Override
  public Integer call() throws IOException {
    ImageStore images = ImageDirectory.open(cluster);
    System.out.println(
        new LocalImages(images, ImageDirectory.puller(images)).pullImage(image, auth()));
    return 0;
  }

  private @Nullable RegistryAuth auth() throws IOException {
    if (username.isEmpty() != !passwordStdin) {
      throw new CommandException("--username and --password-stdin go together");
    }
    if (username.isEmpty()) {
      return null;
    }
    String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    return new RegistryAuth(username, text.replaceFirst("\\r?\\n$", ""), "");
  }
}
