package io.jurumudi.cluster.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPkiTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @Test
  void isMadeOnceAndKeptForItsOwnerOnly(@TempDir Path directory) throws Exception {
    Path pki = directory.resolve("pki");
    ClusterPki made = ClusterPki.load(pki, CLOCK);
    ClusterPki kept = ClusterPki.load(pki, CLOCK);
    assertThat(kept.caPem()).isEqualTo(made.caPem());
    assertThat(kept.serviceAccountKey().getPrivate().getEncoded())
        .isEqualTo(made.serviceAccountKey().getPrivate().getEncoded());
    try (Stream<Path> files = Files.list(pki)) {
      assertThat(files)
          .hasSize(4)
          .allMatch(f -> permissions(f).equals("rw-------"), "readable by their owner only");
    }
    kept.client("a", List.of())
        .certificate()
        .verify(made.authority().identity().certificate().getPublicKey());
  }

  private static String permissions(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void isMadeAnewWhenItsMakerDied(@TempDir Path directory) throws Exception {
    ClusterPki.load(directory, CLOCK);
    Files.delete(directory.resolve("sa.key"));
    Files.writeString(directory.resolve("ca.key"), "half");
    ClusterPki.load(directory, CLOCK);
    assertThat(ClusterPki.load(directory, CLOCK).authority().identity().key()).isNotNull();
  }

  @Test
  void refusesAnAuthorityThatHasExpired(@TempDir Path directory) throws Exception {
    ClusterPki.load(directory, CLOCK);
    Clock late = Clock.offset(CLOCK, Duration.ofDays(3650));
    assertThatThrownBy(() -> ClusterPki.load(directory, late))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expired");
  }

  @Test
  void namesServersAndClients() throws Exception {
    ClusterPki pki = ClusterPki.create(CLOCK);
    X509Certificate server = pki.apiServer(List.of("localhost", "10.43.0.1")).certificate();
    assertThat(server.getSubjectAlternativeNames())
        .containsExactlyInAnyOrder(List.of(2, "localhost"), List.of(7, "10.43.0.1"));
    X509Certificate kubelet = pki.kubelet("n1", List.of("172.30.0.1")).certificate();
    assertThat(kubelet.getSubjectX500Principal().getName())
        .contains("CN=system:node:n1")
        .contains("O=system:nodes");
    assertThat(kubelet.getBasicConstraints()).as("no authority").isEqualTo(-1);
    assertThat(kubelet.getNotBefore().toInstant()).isBefore(NOW);
    assertThat(kubelet.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(365)));
  }

  @Test
  void signsRequestsWithWhatTheyAskFor() throws Exception {
    ClusterPki pki = ClusterPki.create(CLOCK);
    RequestSigner signer = new RequestSigner(pki.authority());
    CertificateRequest request =
        CertificateRequest.create(
            "system:node:n1", List.of("system:nodes"), List.of("n1", "172.30.0.2"));
    byte[] pem = request.pem().getBytes(StandardCharsets.US_ASCII);
    assertThat(signer.read(pem).commonName()).isEqualTo("system:node:n1");
    X509Certificate certificate =
        Pem.certificate(
            new String(signer.sign(pem, Duration.ofHours(1)), StandardCharsets.US_ASCII));
    certificate.verify(pki.authority().identity().certificate().getPublicKey());
    assertThat(certificate.getSubjectAlternativeNames()).hasSize(2);
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofHours(1)));

    byte[] broken =
        request
            .pem()
            .replace("BEGIN CERTIFICATE REQUEST", "BEGIN NOTHING")
            .getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> signer.read(broken)).isInstanceOf(IllegalArgumentException.class);
  }
}
