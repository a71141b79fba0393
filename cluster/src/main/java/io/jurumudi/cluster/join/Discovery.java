package io.jurumudi.cluster.join;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Finds the cluster's CA certificate: the server shows its chain, and the authority at its end must
 * have the key whose hash the joining person was given. Nothing secret is sent before that is
 * known.
 */
public final class Discovery {
  private static final int TIMEOUT_MILLIS = 10_000;

  private Discovery() {}

  public static X509Certificate authority(URI server, String hash) throws IOException {
    AtomicReference<X509Certificate> found = new AtomicReference<>();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Pinned(hash, found)}, new SecureRandom());
      int port = server.getPort() < 0 ? 443 : server.getPort();
      try (Socket socket = context.getSocketFactory().createSocket(server.getHost(), port)) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        ((SSLSocket) socket).startHandshake();
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be used: " + e.getMessage(), e);
    }
    X509Certificate authority = found.get();
    if (authority == null) {
      throw new IOException("the server at " + server + " showed no certificate");
    }
    return authority;
  }

  /** Trusts a chain that ends in the authority with the known key, and signs what it should. */
  private static final class Pinned extends X509ExtendedTrustManager {
    private final String hash;
    private final AtomicReference<X509Certificate> found;

    Pinned(String hash, AtomicReference<X509Certificate> found) {
      this.hash = hash;
      this.found = found;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      X509Certificate authority =
          Arrays.stream(chain)
              .filter(certificate -> JoinToken.hash(certificate).equals(hash))
              .findFirst()
              .orElseThrow(
                  () ->
                      new CertificateException(
                          "this is not the cluster of that hash: the server's authority is "
                              + JoinToken.hash(chain[chain.length - 1])));
      try {
        chain[0].verify(authority.getPublicKey());
      } catch (GeneralSecurityException e) {
        throw new CertificateException("the server's certificate is not its authority's", e);
      }
      found.set(authority);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("no client is trusted here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw new CertificateException("no client is trusted here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("no client is trusted here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
