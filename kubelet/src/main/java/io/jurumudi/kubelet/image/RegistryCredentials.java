package io.jurumudi.kubelet.image;

import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Credentials for registries from pull secrets (kubernetes.io/dockerconfigjson, dockercfg). */
final class RegistryCredentials {
  private RegistryCredentials() {}

  /** Those whose registry (and path, if one is named) is the image's, in the secrets' order. */
  static List<RegistryAuth> find(String image, Collection<Secret> secrets) {
    String repository = repository(image);
    List<RegistryAuth> found = new ArrayList<>();
    for (Secret secret : secrets) {
      var config = secret.data().get(".dockerconfigjson");
      var old = secret.data().get(".dockercfg");
      if (config != null
          && parse(config.toArray()) instanceof Map<?, ?> root
          && root.get("auths") instanceof Map<?, ?> auths) {
        collect(repository, auths, found);
      } else if (old != null && parse(old.toArray()) instanceof Map<?, ?> auths) {
        collect(repository, auths, found);
      }
    }
    return found;
  }

  private static Object parse(byte[] json) {
    try {
      Object tree = Trees.parseJson(json);
      return tree == null ? Map.of() : tree;
    } catch (RuntimeException e) {
      return Map.of();
    }
  }

  private static void collect(String repository, Map<?, ?> auths, List<RegistryAuth> found) {
    auths.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> entry && matches(repository, String.valueOf(key))) {
            String user = text(entry.get("username"));
            String password = text(entry.get("password"));
            String auth = text(entry.get("auth"));
            if (!auth.isEmpty()) {
              String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
              int colon = pair.indexOf(':');
              if (colon > 0) {
                user = pair.substring(0, colon);
                password = pair.substring(colon + 1);
              }
            }
            found.add(new RegistryAuth(user, password, text(entry.get("identitytoken"))));
          }
        });
  }

  private static String text(@Nullable Object value) {
    return value instanceof String s ? s : "";
  }

  static boolean matches(String repository, String key) {
    String pattern = key;
    int scheme = pattern.indexOf("://");
    if (scheme >= 0) {
      pattern = pattern.substring(scheme + 3);
    }
    for (String suffix : List.of("/v1/", "/v2/", "/v1", "/v2", "/")) {
      if (pattern.endsWith(suffix)) {
        pattern = pattern.substring(0, pattern.length() - suffix.length());
        break;
      }
    }
    if (pattern.equals("index.docker.io")) {
      pattern = "docker.io";
    }
    String[] want = pattern.split("/", 2);
    String[] have = repository.split("/", 2);
    if (!host(have[0], want[0])) {
      return false;
    }
    return want.length == 1 || (have.length > 1 && have[1].startsWith(want[1]));
  }

  /** Label by label, where {@code *} stands for one label. */
  private static boolean host(String host, String pattern) {
    String[] h = host.split("\\.", -1);
    String[] p = pattern.split("\\.", -1);
    if (h.length != p.length) {
      return false;
    }
    for (int i = 0; i < h.length; i++) {
      if (!p[i].equals("*") && !p[i].equals(h[i])) {
        return false;
      }
    }
    return true;
  }

  /** {@code registry/path} without tag and digest, with Docker's defaults filled in. */
  static String repository(String image) {
    String name = image;
    int at = name.indexOf('@');
    if (at >= 0) {
      name = name.substring(0, at);
    }
    int slash = name.lastIndexOf('/');
    int colon = name.indexOf(':', slash + 1);
    if (colon >= 0) {
      name = name.substring(0, colon);
    }
    int first = name.indexOf('/');
    String host = first < 0 ? "" : name.substring(0, first);
    if (host.equals("localhost") || host.indexOf('.') >= 0 || host.indexOf(':') >= 0) {
      return name;
    }
    return "docker.io/" + (first < 0 ? "library/" + name : name);
  }
}
