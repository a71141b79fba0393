package io.jurumudi.http;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks a chain that a client presented against the authorities that sign clients. The handshake
 * leaves this to the application, as upstream does, so that a wrong certificate is answered with
 * 401 and not with a broken connection.
 */
public final class ClientCertificateVerifier {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_USAGE = "2.5.29.37.0";

  private final Set<TrustAnchor> anchors;
  private final InstantSource clock;

  public ClientCertificateVerifier(Collection<X509Certificate> authorities, InstantSource clock) {
    this.anchors =
        authorities.stream().map(ca -> new TrustAnchor(ca, null)).collect(Collectors.toSet());
    this.clock = clock;
  }

  /**
   * @param chain leaf first
   * @throws CertificateException when no authority vouches for the leaf, it is out of date or not
   *     meant for clients
   */
  public void verify(List<X509Certificate> chain) throws CertificateException {
    if (chain.isEmpty()) {
      throw new CertificateException("no client certificate");
    }
    if (anchors.isEmpty()) {
      throw new CertificateException("no authority signs clients here");
    }
    X509Certificate leaf = chain.getFirst();
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(leaf);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(clock.instant()));
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      var unused = CertPathBuilder.getInstance("PKIX").build(parameters);
    } catch (GeneralSecurityException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CertificateException(
          "x509: certificate of "
              + leaf.getSubjectX500Principal().getName()
              + " is not accepted: "
              + cause.getMessage(),
          e);
    }
    List<String> usages = leaf.getExtendedKeyUsage();
    if (usages == null || !(usages.contains(CLIENT_AUTH) || usages.contains(ANY_USAGE))) {
      throw new CertificateException("x509: certificate is not meant for client authentication");
    }
  }

  /** Checks the dates only, of a leaf that was verified before. */
  public void checkDate(X509Certificate leaf) throws CertificateException {
    leaf.checkValidity(Date.from(clock.instant()));
  }
}
