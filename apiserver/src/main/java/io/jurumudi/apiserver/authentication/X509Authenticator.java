package io.jurumudi.apiserver.authentication;

import io.jurumudi.http.ClientCertificateVerifier;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.InvalidNameException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Client certificates: the common name is the user, organizations are groups. A checked leaf is
 * remembered by its bytes for as long as its connection may ask again, {@link #REMEMBERED} of them.
 */
public final class X509Authenticator implements Authenticator {
  private static final int REMEMBERED = 1024;
  private static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";

  private final ClientCertificateVerifier verifier;
  private final Map<X509Certificate, UserInfo> known = new ConcurrentHashMap<>();

  public X509Authenticator(ClientCertificateVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) throws AuthenticationException {
    List<X509Certificate> chain = credentials.certificates();
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate leaf = chain.getFirst();
    UserInfo user = known.get(leaf);
    try {
      if (user == null) {
        verifier.verify(chain);
        user = user(leaf);
        if (known.size() >= REMEMBERED) {
          known.clear();
        }
        known.put(leaf, user);
      } else {
        verifier.checkDate(leaf);
      }
    } catch (CertificateException e) {
      known.remove(leaf);
      throw new AuthenticationException(String.valueOf(e.getMessage()), e);
    }
    return user.name().isEmpty() ? Optional.empty() : Optional.of(user);
  }

  private static UserInfo user(X509Certificate leaf) throws CertificateException {
    String name = "";
    List<String> groups = new ArrayList<>();
    try {
      List<Rdn> parts = new LdapName(leaf.getSubjectX500Principal().getName()).getRdns();
      for (Rdn part : parts) {
        NamingEnumeration<? extends Attribute> attributes = part.toAttributes().getAll();
        while (attributes.hasMore()) {
          Attribute attribute = attributes.next();
          for (int i = 0; i < attribute.size(); i++) {
            String value = String.valueOf(attribute.get(i));
            switch (attribute.getID().toUpperCase(java.util.Locale.ROOT)) {
              case "CN" -> name = value;
              case "O" -> groups.add(value);
              default -> {
                // Says nothing about who it is.
              }
            }
          }
        }
      }
    } catch (InvalidNameException e) {
      throw new CertificateException("x509: subject does not parse", e);
    } catch (NamingException e) {
      throw new CertificateException("x509: subject does not parse", e);
    }
    return new UserInfo(
        name, "", groups, Map.of(CREDENTIAL_ID, List.of("X509SHA256=" + fingerprint(leaf))));
  }

  private static String fingerprint(X509Certificate leaf) throws CertificateEncodingException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
