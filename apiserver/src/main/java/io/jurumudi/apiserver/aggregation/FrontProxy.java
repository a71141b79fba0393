package io.jurumudi.apiserver.aggregation;

import javax.net.ssl.KeyManager;

/**
 * How this server shows other servers that it speaks for its clients.
 *
 * @param key with a certificate of the proxies' own authority, whose common name is {@link #NAME}
 * @param authorityPem the certificate of that authority
 * @param clientAuthorityPem the certificate of the authority of clients
 */
public record FrontProxy(KeyManager key, String authorityPem, String clientAuthorityPem) {
  /** The common name of the proxy's certificate. */
  public static final String NAME = "front-proxy-client";
}
