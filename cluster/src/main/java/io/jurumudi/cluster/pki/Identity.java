package io.jurumudi.cluster.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** A private key with the certificate that speaks for it. */
public record Identity(PrivateKey key, X509Certificate certificate) {
  public String certificatePem() {
    return Pem.write(certificate);
  }

  /** PKCS #8, unencrypted. */
  public String keyPem() {
    return Pem.write("PRIVATE KEY", key.getEncoded());
  }
}
