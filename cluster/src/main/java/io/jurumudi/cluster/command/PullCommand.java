package io.jurumudi.cluster.command;

import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LocalImages;
import java.io.IOException;
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
      description =
          "For the registry; the password is read from the environment variable REGISTRY_PASSWORD.")
  String username = "";

  @Override
  public Integer call() throws IOException {
    ImageStore images = ImageDirectory.open(cluster);
    System.out.println(
        new LocalImages(images, ImageDirectory.puller(images)).pullImage(image, auth()));
    return 0;
  }

  private @Nullable RegistryAuth auth() {
    if (username.isEmpty()) {
      return null;
    }
    String password = System.getenv("REGISTRY_PASSWORD");
    if (password == null) {
      throw new CommandException("set REGISTRY_PASSWORD to the password of " + username);
    }
    return new RegistryAuth(username, password, "");
  }
}
