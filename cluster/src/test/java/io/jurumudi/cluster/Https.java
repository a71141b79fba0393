package io.jurumudi.cluster;

import io.jurumudi.client.Connection;
import io.jurumudi.cluster.pki.Pem;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A plain HTTP client of a cluster's API server, as any program would be. */
public final class Https implements AutoCloseable {
  private final URI server;
  private final HttpClient client;

  private Https(URI server, HttpClient client) {
    this.server = server;
    this.client = client;
  }

  /** As the cluster's administrator. */
  public static Https of(Cluster cluster) {
    return of(connection(cluster));
  }

  public static Https of(Connection connection) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(keys(connection), trust(connection).getTrustManagers(), new SecureRandom());
      return new Https(connection.server(), HttpClient.newBuilder().sslContext(tls).build());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Connection connection(Cluster cluster) {
    try {
      return cluster.kubeconfig("it").connection("it", Path.of("/")).orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrustManagerFactory trust(Connection connection)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", Pem.certificate(connection.certificateAuthority().utf8()));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static KeyManager[] keys(Connection connection)
      throws GeneralSecurityException, IOException {
    if (connection.clientCertificate().isEmpty()) {
      return new KeyManager[0];
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "client",
        Pem.privateKey("EC", connection.clientKey().utf8()),
        new char[0],
        new X509Certificate[] {Pem.certificate(connection.clientCertificate().utf8())});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path));
  }

  public HttpClient client() {
    return client;
  }

  public HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  public HttpResponse<String> post(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  /** The JSON object that a response holds. */
  public static Map<String, @Nullable Object> json(HttpResponse<String> response) {
    return Trees.map(Trees.parseJson(response.body().getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void close() {
    client.close();
  }
}
