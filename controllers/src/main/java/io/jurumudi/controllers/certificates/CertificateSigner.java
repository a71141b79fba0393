package io.jurumudi.controllers.certificates;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of a certificate authority that this room needs: it holds the key, we do not. */
public interface CertificateSigner {
  /**
   * What a PKCS #10 request asks for.
   *
   * @param names DNS names and IP addresses
   */
  record Request(String commonName, List<String> organizations, List<String> names) {}

  /**
   * @param pem a CERTIFICATE REQUEST block
   * @throws IllegalArgumentException when it is none, or its signature is wrong
   */
  Request read(byte[] pem);

  /**
   * Signs what was asked for.
   *
   * @param life shorter than the authority's own default, or null
   * @return a CERTIFICATE block
   */
  byte[] sign(byte[] pem, @Nullable Duration life);
}
