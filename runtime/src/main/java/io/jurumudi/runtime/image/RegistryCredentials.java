package io.jurumudi.runtime.image;

import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials as {@code docker login} writes them: {@code auths} by registry, with {@code auth}
 * (base64 of user:password), {@code username} and {@code password}, or {@code identitytoken}.
 */
public final class RegistryCredentials {
  private RegistryCredentials() {}

  /** From $DOCKER_CONFIG/config.json or ~/.docker/config.json, read at each use. */
  public static Registries.DockerCredentials ofHome() {
    return registry -> {
      String dir = System.getenv("DOCKER_CONFIG");
      Path file =
          dir == null || dir.isEmpty()
              ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
              : Path.of(dir, "config.json");
      try {
        return Files.exists(file) ? find(Files.readAllBytes(file), registry) : Optional.empty();
      } catch (IOException | IllegalArgumentException e) {
        return Optional.empty();
      }
    };
  }

  /** The entry for a registry in a config.json, also in the old form {@code https://host/v1/}. */
  public static Optional<RegistryAuth> find(byte[] configJson, String registry) {
    Map<String, Object> auths = Json.object(Json.parseObject(configJson), "auths");
    List<String> keys =
        registry.equals("docker.io")
            ? List.of("docker.io", "index.docker.io", "registry-1.docker.io")
            : List.of(registry);
    for (Map.Entry<String, Object> e : auths.entrySet()) {
      String host = e.getKey().replaceFirst("^https?://", "").replaceFirst("/.*$", "");
      if (keys.contains(host)) {
        Map<String, Object> a = Json.object(e.getValue());
        String user = Json.string(a, "username");
        String password = Json.string(a, "password");
        String pair = Json.string(a, "auth");
        if (!pair.isEmpty()) {
          String[] parts =
              new String(Base64.getDecoder().decode(pair), StandardCharsets.UTF_8).split(":", 2);
          user = parts[0];
          password = parts.length == 2 ? parts[1] : "";
        }
        return Optional.of(new RegistryAuth(user, password, Json.string(a, "identitytoken")));
      }
    }
    return Optional.empty();
  }
}
