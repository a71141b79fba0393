package io.jurumudi.apiserver.authentication;

import io.jurumudi.http.ClientCertificateVerifier;
import io.jurumudi.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A front proxy that has authenticated its caller and says so in X-Remote headers. Believed only
 * over a connection with a client certificate of the proxies' own authority.
 */
public final class RequestHeaderAuthenticator implements Authenticator {
  private static final String EXTRA = "x-remote-extra-";

  private final ClientCertificateVerifier verifier;
  private final Set<String> allowedNames;

  /**
   * @param allowedNames common names of proxies; empty: every one the authority signed
   */
  public RequestHeaderAuthenticator(ClientCertificateVerifier verifier, Set<String> allowedNames) {
    this.verifier = verifier;
    this.allowedNames = Set.copyOf(allowedNames);
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) throws AuthenticationException {
    Headers headers = credentials.headers();
    String name = headers.get("X-Remote-User", "");
    if (name.isEmpty() || credentials.certificates().isEmpty()) {
      return Optional.empty();
    }
    try {
      verifier.verify(credentials.certificates());
    } catch (CertificateException e) {
      // Somebody else's headers: another authenticator knows the certificate, or nobody.
      return Optional.empty();
    }
    String proxy = commonName(credentials);
    if (!allowedNames.isEmpty() && !allowedNames.contains(proxy)) {
      throw new AuthenticationException(
          "x509: subject with cn=" + proxy + " is not in the allowed list");
    }
    Map<String, List<String>> extra = new TreeMap<>();
    headers.forEach(
        (field, value) -> {
          String lower = field.toLowerCase(Locale.ROOT);
          if (lower.startsWith(EXTRA)) {
            String key = URLDecoder.decode(lower.substring(EXTRA.length()), StandardCharsets.UTF_8);
            extra.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
          }
        });
    return Optional.of(
        new UserInfo(name, headers.get("X-Remote-Uid", ""), headers.all("X-Remote-Group"), extra));
  }

  private static String commonName(Credentials credentials) {
    try {
      String subject = credentials.certificates().getFirst().getSubjectX500Principal().getName();
      for (Rdn part : new LdapName(subject).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          return String.valueOf(part.getValue());
        }
      }
      return "";
    } catch (InvalidNameException e) {
      return "";
    }
  }
}
