package io.jurumudi.cluster.join;

import io.jurumudi.api.Resources;
import io.jurumudi.api.certificates.v1.CertificateSigningRequest;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.cluster.pki.CertificateRequest;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.cluster.pki.Pem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Gets a node its certificates (KEP-43, TLS bootstrap): with a bootstrap token it asks for a client
 * certificate as {@code system:node:NAME}, and with that for a serving certificate. What it got is
 * kept in a directory and used again until a tenth of its life is left.
 */
public final class TlsBootstrap {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final URI server;
  private final X509Certificate authority;
  private final Path directory;
  private final Clock clock;
  private final Executor executor;

  public TlsBootstrap(
      URI server, X509Certificate authority, Path directory, Clock clock, Executor executor) {
    this.server = server;
    this.authority = authority;
    this.directory = directory;
    this.clock = clock;
    this.executor = executor;
  }

  /** The node's identity as a client of the API server. */
  public Identity client(String node, JoinToken token) throws IOException, InterruptedException {
    return kept("kubelet-client")
        .orElseAsk(
            () ->
                ask(
                    connection(null, token.toString()),
                    "kubernetes.io/kube-apiserver-client-kubelet",
                    node,
                    List.of(),
                    List.of("digital signature", "client auth")));
  }

  /** The node's identity as a server, for the names and addresses it is reached by. */
  public Identity serving(String node, Identity client, List<String> names)
      throws IOException, InterruptedException {
    return kept("kubelet-serving")
        .orElseAsk(
            () ->
                ask(
                    connection(client, ""),
                    "kubernetes.io/kubelet-serving",
                    node,
                    names,
                    List.of("digital signature", "server auth")));
  }

  /** A connection to the API server as that identity. */
  public Connection connection(@Nullable Identity identity, String token) {
    return new Connection(
        server,
        Bytes.utf8(Pem.write(authority)),
        identity == null ? Bytes.EMPTY : Bytes.utf8(identity.certificatePem()),
        identity == null ? Bytes.EMPTY : Bytes.utf8(identity.keyPem()),
        token);
  }

  private Identity ask(
      Connection connection, String signer, String node, List<String> names, List<String> usages)
      throws InterruptedException {
    CertificateRequest request =
        CertificateRequest.create("system:node:" + node, List.of("system:nodes"), names);
    try (HttpTransport transport = HttpTransport.connect(connection, "jurumudi-join", executor)) {
      var requests = Client.over(transport).resource(Resources.CERTIFICATESIGNINGREQUESTS);
      CertificateSigningRequest made =
          requests.create(
              CertificateSigningRequest.builder()
                  .metadata(m -> m.generateName("node-csr-"))
                  .spec(s -> s.request(Bytes.utf8(request.pem())).signerName(signer).usages(usages))
                  .build());
      long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadlineNanos) {
        CertificateSigningRequest now = requests.get("", made.metadata().name());
        if (!now.status().certificate().isEmpty()) {
          return new Identity(request.key(), Pem.certificate(now.status().certificate().utf8()));
        }
        Thread.sleep(LOOK_AGAIN);
      }
      throw new IllegalStateException(
          "nobody signed the request "
              + made.metadata().name()
              + ": look with kubectl get csr, approve with kubectl certificate approve");
    }
  }

  private interface Ask {
    Identity ask() throws IOException, InterruptedException;
  }

  private interface Kept {
    Identity orElseAsk(Ask ask) throws IOException, InterruptedException;
  }

  private Kept kept(String name) {
    Path certificate = directory.resolve(name + ".crt");
    Path key = directory.resolve(name + ".key");
    return ask -> {
      if (Files.exists(certificate) && Files.exists(key)) {
        Identity identity =
            new Identity(
                Pem.privateKey("EC", Files.readString(key)),
                Pem.certificate(Files.readString(certificate)));
        if (fresh(identity.certificate())) {
          return identity;
        }
      }
      Identity identity = ask.ask();
      Files.createDirectories(directory);
      write(key, identity.keyPem());
      write(certificate, identity.certificatePem());
      return identity;
    };
  }

  private boolean fresh(X509Certificate certificate) {
    Duration life =
        Duration.between(
            certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
    return clock
        .instant()
        .isBefore(certificate.getNotAfter().toInstant().minus(life.dividedBy(10)));
  }

  private static void write(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }
}
