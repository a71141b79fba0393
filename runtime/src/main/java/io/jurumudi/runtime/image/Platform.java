package io.jurumudi.runtime.image;

import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.util.Map;

/**
 * This machine's platform, in the words of Go: {@code linux} and {@code amd64} or {@code arm64}.
 */
public final class Platform {
  public static final String OS = "linux";

  private Platform() {}

  public static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      default -> "amd64";
    };
  }

  /** The manifest for this platform from an index. */
  static Descriptor choose(Map<String, Object> index, String name) throws IOException {
    for (Object m : Json.list(index, "manifests")) {
      Map<String, Object> manifest = Json.object(m);
      Map<String, Object> platform = Json.object(manifest, "platform");
      if (Json.string(platform, "os").equals(OS)
          && Json.string(platform, "architecture").equals(architecture())) {
        return Descriptor.read(manifest);
      }
    }
    if (Json.list(index, "manifests").size() == 1) {
      Map<String, Object> only = Json.object(Json.list(index, "manifests").getFirst());
      if (Json.object(only, "platform").isEmpty()) {
        return Descriptor.read(only);
      }
    }
    throw new IOException(
        "no match for platform " + OS + "/" + architecture() + " in the index of " + name);
  }

  static void check(Image image, String name) throws IOException {
    boolean stated = !image.os().isEmpty() && !image.architecture().isEmpty();
    if (stated && !(image.os().equals(OS) && image.architecture().equals(architecture()))) {
      throw new IOException(
          name
              + " is an image for "
              + image.os()
              + "/"
              + image.architecture()
              + ", this machine is "
              + OS
              + "/"
              + architecture());
    }
  }
}
