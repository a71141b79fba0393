package io.jurumudi.apiserver.authentication;

import io.jurumudi.http.Headers;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a request shows of its maker.
 *
 * @param certificates the client's chain as it was presented, leaf first: the peer holds the leaf's
 *     key, but nobody has checked who signed it
 */
public record Credentials(Headers headers, List<X509Certificate> certificates) {}
