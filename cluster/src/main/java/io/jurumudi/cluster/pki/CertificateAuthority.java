package io.jurumudi.cluster.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Signs a cluster's certificates. Keys are P-256: quick to make and half the handshake of RSA. The
 * CA lives ten years, what it signs one year, as kubeadm has it.
 */
public final class CertificateAuthority {
  private static final Duration CA_LIFE = Duration.ofDays(3650);
  private static final Duration LEAF_LIFE = Duration.ofDays(365);

  /** Certificates are valid from a little earlier, for peers whose clock is behind. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final Identity identity;
  private final Clock clock;

  public CertificateAuthority(Identity identity, Clock clock) {
    this.identity = identity;
    this.clock = clock;
  }

  /** A new authority that signed itself. */
  public static CertificateAuthority create(String commonName, Clock clock) {
    KeyPair pair = newKeyPair();
    X500Name name = subject(commonName, List.of());
    X509Certificate certificate =
        sign(name, pair, name, pair.getPublic(), CA_LIFE, clock.instant(), true, List.of());
    return new CertificateAuthority(new Identity(pair.getPrivate(), certificate), clock);
  }

  public Identity identity() {
    return identity;
  }

  /**
   * A new key with a certificate for servers and clients.
   *
   * @param organizations become the groups of a client
   * @param names host names and IP addresses a server answers to
   */
  public Identity issue(String commonName, List<String> organizations, List<String> names) {
    KeyPair pair = newKeyPair();
    return new Identity(
        pair.getPrivate(), certify(commonName, organizations, names, pair.getPublic(), null));
  }

  /**
   * A certificate for a key that its owner keeps to itself.
   *
   * @param life how long it is to be valid; null, or longer than a year: a year
   */
  public X509Certificate certify(
      String commonName,
      List<String> organizations,
      List<String> names,
      PublicKey key,
      @Nullable Duration life) {
    Duration valid = life == null || life.compareTo(LEAF_LIFE) > 0 ? LEAF_LIFE : life;
    X500Name issuer =
        X500Name.getInstance(identity.certificate().getSubjectX500Principal().getEncoded());
    return sign(
        issuer,
        new KeyPair(identity.certificate().getPublicKey(), identity.key()),
        subject(commonName, organizations),
        key,
        valid,
        clock.instant(),
        false,
        names);
  }

  static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK makes no P-256 keys", e);
    }
  }

  private static X500Name subject(String commonName, List<String> organizations) {
    X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
    for (String organization : organizations) {
      builder.addRDN(BCStyle.O, organization);
    }
    return builder.addRDN(BCStyle.CN, commonName).build();
  }

  private static X509Certificate sign(
      X500Name issuer,
      KeyPair issuerKey,
      X500Name subject,
      PublicKey key,
      Duration life,
      Instant now,
      boolean authority,
      List<String> names) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(127, new SecureRandom()),
              Date.from(now.minus(SKEW)),
              Date.from(now.plus(life)),
              subject,
              key);
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions.createAuthorityKeyIdentifier(issuerKey.getPublic()));
      if (authority) {
        builder.addExtension(
            Extension.keyUsage,
            true,
            new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
      } else {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      if (!names.isEmpty()) {
        builder.addExtension(Extension.subjectAlternativeName, false, generalNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
      throw new IllegalStateException("the certificate for " + subject + " could not be made", e);
    }
  }

  static GeneralNames generalNames(List<String> names) {
    return new GeneralNames(
        names.stream().map(CertificateAuthority::generalName).toArray(GeneralName[]::new));
  }

  private static GeneralName generalName(String name) {
    boolean address = name.indexOf(':') >= 0 || name.matches("[0-9]+(\\.[0-9]+){3}");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }
}
