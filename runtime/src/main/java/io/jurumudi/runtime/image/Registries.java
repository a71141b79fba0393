package io.jurumudi.runtime.image;

import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.ImagePullException.Kind;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OCI registries over HTTP (OCI distribution specification 1.1): anonymous, basic and token
 * authentication. Registries on this machine's loopback are spoken to in plain HTTP, as Docker
 * does.
 */
public final class Registries {
  private static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.OCI_INDEX,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_INDEX,
          MediaTypes.DOCKER_MANIFEST);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(15);
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final int MAX_TOKEN_BYTES = 1 << 20;
  private static final int MAX_REDIRECTS = 5;

  private final DockerCredentials credentials;

  /**
   * @param credentials used where a pull brings none of its own
   */
  public Registries(DockerCredentials credentials) {
    this.credentials = credentials;
  }

  /** A manifest as the registry sent it. */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  public record Manifest(String mediaType, byte[] content) {}

  public Repository open(ImageName name, @Nullable RegistryAuth auth) {
    RegistryAuth known = auth != null ? auth : credentials.find(name.registry()).orElse(null);
    return new Repository(name, known);
  }

  /** One repository, with the credentials for it. Used by one thread. */
  public static final class Repository {
    private final ImageName name;
    private final @Nullable RegistryAuth auth;
    private final HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private String authorization = "";

    private Repository(ImageName name, @Nullable RegistryAuth auth) {
      this.name = name;
      this.auth = auth;
    }

    private URI uri(String path) {
      String host = name.registry().equals("docker.io") ? "registry-1.docker.io" : name.registry();
      String scheme = isLoopback(host) ? "http" : "https";
      return URI.create(scheme + "://" + host + "/v2/" + name.repository() + "/" + path);
    }

    public Manifest manifest(String reference, int limit) throws IOException {
      HttpResponse<InputStream> r = get(uri("manifests/" + reference));
      try (InputStream in = r.body()) {
        byte[] content = in.readNBytes(limit + 1);
        if (content.length > limit) {
          throw new IOException("the manifest has more than " + limit + " bytes");
        }
        String type = r.headers().firstValue("content-type").orElse("");
        return new Manifest(type.split(";", 2)[0].strip(), content);
      }
    }

    public InputStream blob(Digest digest) throws IOException {
      return get(uri("blobs/" + digest)).body();
    }

    private HttpResponse<InputStream> get(URI uri) throws IOException {
      HttpResponse<InputStream> r = send(uri, authorization);
      if (r.statusCode() == 401) {
        drain(r);
        authorization = authorize(r.headers().firstValue("www-authenticate").orElse(""));
        r = send(uri, authorization);
      }
      URI at = uri;
      for (int i = 0; i < MAX_REDIRECTS && r.statusCode() / 100 == 3; i++) {
        drain(r);
        URI next = at.resolve(r.headers().firstValue("location").orElse(""));
        // Credentials are for the registry's own host only.
        boolean same = next.getAuthority().equals(uri.getAuthority());
        r = send(next, same ? authorization : "");
        at = next;
      }
      if (r.statusCode() == 200) {
        return r;
      }
      String detail;
      try (InputStream in = r.body()) {
        detail = errors(in.readNBytes(8192));
      }
      String what = "failed to pull image \"" + name + "\": ";
      throw switch (r.statusCode()) {
        case 401, 403 ->
            new ImagePullException(
                Kind.UNAUTHORIZED,
                what
                    + "pull access denied, repository does not exist or may require authorization"
                    + detail);
        case 404 -> new ImagePullException(Kind.NOT_FOUND, what + "not found" + detail);
        default ->
            new ImagePullException(
                Kind.OTHER, what + "the registry answered " + r.statusCode() + detail);
      };
    }

    private HttpResponse<InputStream> send(URI uri, String authorization) throws IOException {
      HttpRequest.Builder b = HttpRequest.newBuilder(uri).header("Accept", ACCEPT);
      b.timeout(PATIENCE);
      if (!authorization.isEmpty()) {
        b.header("Authorization", authorization);
      }
      try {
        return http.send(b.build(), HttpResponse.BodyHandlers.ofInputStream());
      } catch (IOException e) {
        String m = e.getMessage();
        throw new ImagePullException(
            Kind.UNREACHABLE,
            "failed to pull image \""
                + name
                + "\": cannot reach "
                + uri.getAuthority()
                + ": "
                + (m == null ? e.getClass().getSimpleName() : m));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    /** Answers a challenge (RFC 9110, section 11; Docker's token authentication). */
    private String authorize(String challenge) throws IOException {
      String scheme = challenge.split(" ", 2)[0].toLowerCase(Locale.ROOT);
      if (scheme.equals("basic")) {
        return auth == null ? "" : basic(auth);
      }
      if (!scheme.equals("bearer")) {
        return "";
      }
      Map<String, String> p = new TreeMap<>();
      Matcher m = PARAMETER.matcher(challenge);
      while (m.find()) {
        p.put(m.group(1), m.group(2));
      }
      String realm = p.getOrDefault("realm", "");
      String service = p.getOrDefault("service", "");
      String scope = p.getOrDefault("scope", "repository:" + name.repository() + ":pull");
      HttpRequest.Builder b;
      if (auth != null && !auth.identityToken().isEmpty()) {
        String form =
            "grant_type=refresh_token&client_id=jurumudi&service="
                + encode(service)
                + "&scope="
                + encode(scope)
                + "&refresh_token="
                + encode(auth.identityToken());
        b =
            HttpRequest.newBuilder(URI.create(realm))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
      } else {
        String query = "?service=" + encode(service) + "&scope=" + encode(scope);
        b = HttpRequest.newBuilder(URI.create(realm + query));
        if (auth != null) {
          b.header("Authorization", basic(auth));
        }
      }
      b.timeout(PATIENCE);
      try {
        HttpResponse<InputStream> r =
            http.send(b.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = r.body()) {
          byte[] body = in.readNBytes(MAX_TOKEN_BYTES);
          if (r.statusCode() != 200) {
            throw new ImagePullException(
                Kind.UNAUTHORIZED,
                "failed to pull image \""
                    + name
                    + "\": the token service answered "
                    + r.statusCode()
                    + errors(body));
          }
          Map<String, Object> answer = Json.parseObject(body);
          String token = Json.string(answer, "token");
          return "Bearer " + (token.isEmpty() ? Json.string(answer, "access_token") : token);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  private static String encode(String s) {
    return URLEncoder.encode(s, StandardCharsets.UTF_8);
  }

  private static String basic(RegistryAuth a) {
    String pair = a.username() + ":" + a.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static void drain(HttpResponse<InputStream> r) throws IOException {
    try (InputStream in = r.body()) {
      in.readNBytes(8192);
    }
  }

  /** The registry's own message, from {@code {"errors": [{"code", "message"}]}}. */
  private static String errors(byte[] body) {
    try {
      for (Object e : Json.list(Json.parseObject(body), "errors")) {
        Map<String, Object> error = Json.object(e);
        return ": " + Json.string(error, "code") + " " + Json.string(error, "message");
      }
    } catch (IllegalArgumentException e) {
      return "";
    }
    return "";
  }

  static boolean isLoopback(String hostAndPort) {
    String host = hostAndPort.replaceFirst(":[0-9]+$", "");
    if (host.equals("localhost")) {
      return true;
    }
    boolean literal =
        host.startsWith("[") || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    if (!literal) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Credentials by registry, in the form of Docker's config.json. */
  @FunctionalInterface
  public interface DockerCredentials {
    Optional<RegistryAuth> find(String registry);
  }
}
