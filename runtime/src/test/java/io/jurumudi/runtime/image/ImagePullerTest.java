package io.jurumudi.runtime.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.build.HostBase;
import io.jurumudi.runtime.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Pulls from a registry on the loopback that redirects its blobs. It asks for tokens, and for name
 * and password themselves below {@code basic/}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImagePullerTest {
  private static final RegistryAuth GOOD = new RegistryAuth("me", "secret", "");

  private final Path dir;
  private final HttpServer server;
  private final Map<String, byte[]> content = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final String registry;

  ImagePullerTest() throws IOException {
    dir = Files.createTempDirectory("pull");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
    registry = "localhost:" + server.getAddress().getPort();
  }

  @BeforeAll
  void publish() throws IOException {
    ImageStore images = new ImageStore(new Linux(), dir.resolve("source"), Set::of);
    Image base = HostBase.ensure(images);
    byte[] layer = Files.readAllBytes(images.blobs().path(base.layers().getFirst().digest()));
    ByteArrayOutputStream gz = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gz)) {
      out.write(layer);
    }
    byte[] zstd = com.github.luben.zstd.Zstd.compress(layer);
    byte[] config = images.blobs().read(base.id());
    byte[] plain = manifest(config, gz.toByteArray());
    publish("one", MediaTypes.OCI_MANIFEST, plain);
    byte[] zipped = manifest(config, zstd);
    Digest digest = Digest.of(zipped);
    publish(digest.toString(), MediaTypes.OCI_MANIFEST, zipped);
    Map<String, Object> other =
        new Descriptor(MediaTypes.OCI_MANIFEST, Digest.of(new byte[] {1}), 1).tree();
    other.put("platform", Map.of("os", "linux", "architecture", "s390x"));
    Map<String, Object> mine =
        new Descriptor(MediaTypes.OCI_MANIFEST, digest, zipped.length).tree();
    mine.put("platform", Map.of("os", "linux", "architecture", Platform.architecture()));
    publish("many", MediaTypes.OCI_INDEX, Json.write(Map.of("manifests", List.of(other, mine))));
    publish(
        "foreign", MediaTypes.OCI_INDEX, Json.write(Map.of("manifests", List.of(other, other))));
    byte[] spoilt = manifest(config, gz.toByteArray());
    content.put("blob:" + Digest.of(new byte[] {2}), new byte[] {3});
    publish(
        "spoilt",
        MediaTypes.OCI_MANIFEST,
        new String(spoilt, StandardCharsets.UTF_8)
            .replace(Digest.of(config).toString(), Digest.of(new byte[] {2}).toString())
            .getBytes(StandardCharsets.UTF_8));
  }

  @AfterAll
  void stop() throws IOException {
    server.stop(0);
    FileTree.delete(dir);
  }

  private void publish(String reference, String type, byte[] bytes) {
    content.put("manifest:" + reference, bytes);
    types.put(reference, type);
  }

  private byte[] manifest(byte[] config, byte[] layer) {
    content.put("blob:" + Digest.of(config), config);
    content.put("blob:" + Digest.of(layer), layer);
    return Json.write(
        Map.of(
            "schemaVersion",
            2,
            "config",
            new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length).tree(),
            "layers",
            List.of(
                new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.of(layer), layer.length).tree())));
  }

  private void handle(HttpExchange x) throws IOException {
    String path = x.getRequestURI().getPath();
    String auth = Optional.ofNullable(x.getRequestHeaders().getFirst("Authorization")).orElse("");
    String basic =
        "Basic " + Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));
    if (path.equals("/token")) {
      boolean ok = auth.equals(basic) && x.getRequestURI().getQuery().contains("pull");
      answer(x, ok ? 200 : 401, ok ? "{\"token\":\"t0\"}" : "{}");
    } else if (path.startsWith("/cdn/")) {
      byte[] blob = content.getOrDefault("blob:" + path.substring(5), new byte[1]);
      if (!List.of("", "Bearer t0", basic).contains(auth)) {
        answer(x, 400, "credentials leaked");
      } else {
        x.sendResponseHeaders(200, blob.length);
        x.getResponseBody().write(blob);
        x.close();
      }
    } else if (path.startsWith("/v2/basic/")) {
      if (auth.equals(basic)) {
        serve(x, path, "/v2/basic/b/");
      } else {
        x.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"registry\"");
        answer(x, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"who?\"}]}");
      }
    } else if (!auth.equals("Bearer t0")) {
      x.getResponseHeaders()
          .set(
              "WWW-Authenticate",
              "Bearer realm=\"http://"
                  + registry
                  + "/token\",service=\"s\",scope=\"repository:a/b:pull\"");
      answer(x, 401, "{}");
    } else {
      serve(x, path, "/v2/a/b/");
    }
  }

  private void serve(HttpExchange x, String path, String repository) throws IOException {
    if (path.startsWith(repository + "manifests/")) {
      String reference = path.substring((repository + "manifests/").length());
      byte[] m = content.get("manifest:" + reference);
      if (m == null) {
        answer(x, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no\"}]}");
      } else {
        x.getResponseHeaders().set("Content-Type", types.get(reference));
        x.sendResponseHeaders(200, m.length);
        x.getResponseBody().write(m);
        x.close();
      }
    } else {
      x.getResponseHeaders().set("Location", "/cdn/" + path.substring(path.lastIndexOf('/') + 1));
      answer(x, 307, "");
    }
  }

  private static void answer(HttpExchange x, int status, String body) throws IOException {
    byte[] b = body.getBytes(StandardCharsets.UTF_8);
    x.sendResponseHeaders(status, b.length == 0 ? -1 : b.length);
    x.getResponseBody().write(b);
    x.close();
  }

  private LocalImages open(String name) throws IOException {
    ImageStore s = new ImageStore(new Linux(), dir.resolve(name), Set::of);
    return new LocalImages(s, new ImagePuller(s, new Registries(r -> Optional.empty())));
  }

  @Test
  void pullsByTagAndByPlatform() throws IOException {
    LocalImages images = open("good");
    for (String tag : List.of("one", "many")) {
      String ref = images.pullImage(registry + "/a/b:" + tag, GOOD);
      assertThat(ref).startsWith(registry + "/a/b@sha256:");
      var info = images.imageStatus(registry + "/a/b:" + tag).orElseThrow();
      assertThat(info.repoTags()).contains(registry + "/a/b:" + tag);
      assertThat(images.imageStatus(ref)).isPresent();
      assertThat(images.imageStatus(info.id())).isPresent();
    }
    images.removeImage(registry + "/a/b:one");
    assertThat(images.listImages()).isEmpty();
    assertThat(images.usedBytes()).isZero();
  }

  @Test
  void givesNameAndPasswordWhereTheyAreAskedFor() throws IOException {
    LocalImages images = open("basic");
    String name = registry + "/basic/b:one";
    assertFails(images, name, null, ImagePullException.Kind.UNAUTHORIZED, "UNAUTHORIZED who?");
    RegistryAuth wrong = new RegistryAuth("me", "guess", "");
    assertFails(images, name, wrong, ImagePullException.Kind.UNAUTHORIZED, "denied");
    assertThat(images.pullImage(name, GOOD)).startsWith(registry + "/basic/b@sha256:");

    byte[] config =
        "{\"auths\":{\"%s\":{\"auth\":\"bWU6c2VjcmV0\"}}}"
            .formatted(registry)
            .getBytes(StandardCharsets.UTF_8);
    ImageStore store = new ImageStore(new Linux(), dir.resolve("configured"), Set::of);
    LocalImages configured =
        new LocalImages(
            store,
            new ImagePuller(store, new Registries(host -> RegistryCredentials.find(config, host))));
    assertThat(configured.pullImage(name, null)).startsWith(registry + "/basic/b@sha256:");
    assertThat(configured.pullImage(registry + "/a/b:one", null)).contains("/a/b@sha256:");
  }

  @Test
  void saysWhyAPullFails() throws IOException {
    LocalImages images = open("bad");
    assertFails(images, registry + "/a/b:one", null, ImagePullException.Kind.UNAUTHORIZED, "401");
    assertFails(
        images, registry + "/a/b:none", GOOD, ImagePullException.Kind.NOT_FOUND, "not found");
    assertFails(
        images,
        registry + "/a/b:foreign",
        GOOD,
        ImagePullException.Kind.OTHER,
        "no match for platform");
    assertFails(images, registry + "/a/b:spoilt", GOOD, ImagePullException.Kind.OTHER, "digest");
    assertFails(
        images, "localhost:1/a:b", null, ImagePullException.Kind.UNREACHABLE, "localhost:1");
    assertFails(images, "b/A", null, ImagePullException.Kind.INVALID_NAME, "lowercase");
    assertThat(images.listImages()).isEmpty();
  }

  private static void assertFails(
      LocalImages images,
      String name,
      @org.jspecify.annotations.Nullable RegistryAuth auth,
      ImagePullException.Kind kind,
      String message) {
    assertThatThrownBy(() -> images.pullImage(name, auth))
        .isInstanceOfSatisfying(
            ImagePullException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @Test
  void completesNames() {
    assertThat(ImageName.parse("web:1")).hasToString("docker.io/library/web:1");
    assertThat(ImageName.parse("me/web")).hasToString("docker.io/me/web:latest");
    assertThat(ImageName.parse("localhost/web")).hasToString("localhost/web:latest");
    assertThat(ImageName.parse("r.io:5000/a/b/c:x")).hasToString("r.io:5000/a/b/c:x");
    String hex = "sha256:" + "0".repeat(64);
    assertThat(ImageName.parse("r.io/a@" + hex)).hasToString("r.io/a@" + hex);
    for (String bad : List.of("", "a:", "a//b", "-a", "a@sha256:1", "r.io/", "a b")) {
      assertThatThrownBy(() -> ImageName.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
