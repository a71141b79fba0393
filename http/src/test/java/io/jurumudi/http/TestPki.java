package io.jurumudi.http;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority for a test. */
final class TestPki {
  record Identity(KeyPair keys, X509Certificate certificate) {}

  final Identity authority;
  private long serial = 1;

  TestPki(String name) {
    try {
      KeyPair keys = keys();
      authority =
          new Identity(keys, sign("CN=" + name, keys, "CN=" + name, keys, true, null, 3600));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Identity server() {
    return issue("CN=server", KeyPurposeId.id_kp_serverAuth, 3600);
  }

  Identity client(String subject) {
    return issue(subject, KeyPurposeId.id_kp_clientAuth, 3600);
  }

  Identity issue(String subject, KeyPurposeId purpose, long seconds) {
    try {
      KeyPair keys = keys();
      String issuer = authority.certificate.getSubjectX500Principal().getName();
      return new Identity(
          keys, sign(subject, keys, issuer, authority.keys, false, purpose, seconds));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  TlsConfig serverTls(List<X509Certificate> clientAuthorities) {
    Identity server = server();
    return TlsConfig.of(server.keys.getPrivate(), List.of(server.certificate), clientAuthorities);
  }

  SSLContext clientContext(@Nullable Identity client) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", authority.certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys =
          client == null
              ? new KeyManager[0]
              : new KeyManager[] {
                TlsConfig.keyManager(client.keys.getPrivate(), List.of(client.certificate))
              };
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256, new SecureRandom());
    return generator.generateKeyPair();
  }

  private X509Certificate sign(
      String subject,
      KeyPair keys,
      String issuer,
      KeyPair issuerKeys,
      boolean authority,
      @Nullable KeyPurposeId purpose,
      long seconds)
      throws Exception {
    Instant now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuer),
            BigInteger.valueOf(serial++),
            Date.from(now.minus(1, ChronoUnit.HOURS)),
            Date.from(now.plusSeconds(seconds)),
            new X500Name(subject),
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    if (purpose != null) {
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1")
              }));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
  }
}
