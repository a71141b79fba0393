package io.jurumudi.http;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A server's side of TLS.
 *
 * @param keyManager holds the server's key and chain; one that changes its answer rotates them
 * @param clientAuthorities named to clients as those whose certificates are wanted; empty: none is
 *     asked for
 */
public record TlsConfig(KeyManager keyManager, List<X509Certificate> clientAuthorities) {
  public TlsConfig {
    clientAuthorities = List.copyOf(clientAuthorities);
  }

  /**
   * @param chain the server's certificate first
   */
  public static TlsConfig of(
      PrivateKey key, List<X509Certificate> chain, List<X509Certificate> clientAuthorities) {
    return new TlsConfig(keyManager(key, chain), clientAuthorities);
  }

  /** A key manager that holds one key, for a server or a client. */
  public static KeyManager keyManager(PrivateKey key, List<X509Certificate> chain) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      char[] none = new char[0];
      store.setKeyEntry("key", key, none, chain.toArray(new X509Certificate[0]));
      KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(store, none);
      return factory.getKeyManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the key and its chain do not fit: " + e.getMessage(), e);
    }
  }

  /** Takes any client certificate: the application asks {@link ClientCertificateVerifier}. */
  static X509ExtendedTrustManager deferringTrustManager(List<X509Certificate> authorities) {
    X509Certificate[] issuers = authorities.toArray(new X509Certificate[0]);
    return new X509ExtendedTrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type) {
        throw new UnsupportedOperationException();
      }

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return issuers.clone();
      }
    };
  }
}
