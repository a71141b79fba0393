package io.jurumudi.client;

import io.jurumudi.api.util.Bytes;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where an API server is and how to prove who one is.
 *
 * @param server as in {@code https://127.0.0.1:6443}
 * @param certificateAuthority certificates to trust, in PEM; empty for those of the JDK
 * @param clientCertificate in PEM, with intermediates; empty for none
 * @param clientKey the certificate's private key, in PEM
 * @param token a bearer token; empty for none
 */
public record Connection(
    URI server,
    Bytes certificateAuthority,
    Bytes clientCertificate,
    Bytes clientKey,
    String token) {
  /**
   * TLS as the connection wants it; empty when the server speaks plain HTTP.
   *
   * @throws IOException when a certificate or key cannot be read
   */
  public Optional<SSLContext> tls() throws GeneralSecurityException, IOException {
    if (!"https".equals(server.getScheme())) {
      return Optional.empty();
    }
    char[] password = new char[0];
    KeyManager[] keys = null;
    if (!clientCertificate.isEmpty()) {
      List<X509Certificate> chain = Pem.certificates(clientCertificate.toArray());
      PrivateKey key = Pem.privateKey(clientKey.toArray());
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, password);
      store.setKeyEntry("client", key, password, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      keys = factory.getKeyManagers();
    }
    TrustManager[] trust = null;
    if (!certificateAuthority.isEmpty()) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, password);
      int number = 0;
      for (X509Certificate certificate : Pem.certificates(certificateAuthority.toArray())) {
        store.setCertificateEntry("ca" + number++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      trust = factory.getTrustManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust, new SecureRandom());
    return Optional.of(context);
  }

  /** Not with the secrets in it. */
  @Override
  public String toString() {
    return "Connection[" + server + "]";
  }
}
