package io.jurumudi.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.util.Bytes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KubeconfigTest {
  private static final String OTHERS =
      """
      apiVersion: v1
      kind: Config
      preferences: {}
      clusters:
      - cluster: {server: "https://example.com", certificate-authority: ca.pem}
        name: theirs
      users:
      - name: me
        user: {token: "yes"}
      contexts:
      - context: {cluster: theirs, user: me, namespace: blue}
        name: theirs
      current-context: theirs
      extensions: [{name: x, extension: {deep: [1, "2", null]}}]
      """;

  private final Connection connection =
      new Connection(
          URI.create("https://127.0.0.1:6443"),
          Bytes.utf8("ca"),
          Bytes.utf8("cert"),
          Bytes.utf8("key"),
          "");

  @Test
  void addsAndRemovesWithoutHarm(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("config");
    Files.writeString(file, OTHERS);
    Files.writeString(directory.resolve("ca.pem"), "theirs");
    Kubeconfig before = Kubeconfig.read(file);
    before.with("jurumudi", connection, true).write(file);
    Kubeconfig both = Kubeconfig.read(file);
    assertThat(both.contexts()).containsExactly("theirs", "jurumudi");
    assertThat(both.currentContext()).isEqualTo("jurumudi");
    assertThat(both.connection("jurumudi", directory)).contains(connection);
    assertThat(both.connection("theirs", directory))
        .contains(
            new Connection(
                URI.create("https://example.com"),
                Bytes.utf8("theirs"),
                Bytes.EMPTY,
                Bytes.EMPTY,
                "yes"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(new String(both.without("jurumudi").toYaml(), UTF_8))
        .isEqualTo(
            new String(before.toYaml(), UTF_8)
                .replace("current-context: theirs", "current-context: \"\""));
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void aMissingFileIsEmpty(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("a/b/config");
    assertThat(Kubeconfig.read(file).contexts()).isEmpty();
    Kubeconfig.read(file).with("j", connection, true).with("j", connection, false).write(file);
    assertThat(Kubeconfig.read(file).contexts()).containsExactly("j");
  }

  @Test
  void theFileThatKubectlUses() {
    assertThat(Kubeconfig.defaultFile(Map.of("KUBECONFIG", ":/x:/z"))).isEqualTo(Path.of("/x"));
    assertThat(Kubeconfig.defaultFile(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.kube/config"));
  }
}
