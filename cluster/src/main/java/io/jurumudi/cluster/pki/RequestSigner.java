package io.jurumudi.cluster.pki;

import io.jurumudi.controllers.certificates.CertificateSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/** Signs PKCS #10 requests (RFC 2986) with the cluster's authority. */
public final class RequestSigner implements CertificateSigner {
  private final CertificateAuthority authority;

  public RequestSigner(CertificateAuthority authority) {
    this.authority = authority;
  }

  @Override
  public Request read(byte[] pem) {
    JcaPKCS10CertificationRequest request = parse(pem);
    X500Name subject = request.getSubject();
    List<String> commonNames = values(subject, BCStyle.CN);
    if (commonNames.size() != 1) {
      throw new IllegalArgumentException("the subject must have one common name");
    }
    return new Request(commonNames.getFirst(), values(subject, BCStyle.O), names(request));
  }

  @Override
  public byte[] sign(byte[] pem, @Nullable Duration life) {
    Request wanted = read(pem);
    try {
      PublicKey key = parse(pem).getPublicKey();
      return Pem.write(
              "CERTIFICATE",
              authority
                  .certify(wanted.commonName(), wanted.organizations(), wanted.names(), key, life)
                  .getEncoded())
          .getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the request's key cannot be used", e);
    }
  }

  private static JcaPKCS10CertificationRequest parse(byte[] pem) {
    try {
      JcaPKCS10CertificationRequest request =
          new JcaPKCS10CertificationRequest(
              Pem.read("CERTIFICATE REQUEST", new String(pem, StandardCharsets.US_ASCII)));
      if (!request.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(request.getPublicKey()))) {
        throw new IllegalArgumentException("the request is not signed by its own key");
      }
      return request;
    } catch (IOException | PKCSException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not a certificate request: " + e.getMessage(), e);
    }
  }

  private static List<String> values(X500Name subject, ASN1ObjectIdentifier attribute) {
    List<String> values = new ArrayList<>();
    for (RDN rdn : subject.getRDNs(attribute)) {
      values.add(IETFUtils.valueToString(rdn.getFirst().getValue()));
    }
    return values;
  }

  private static List<String> names(JcaPKCS10CertificationRequest request) {
    Extensions extensions = request.getRequestedExtensions();
    GeneralNames found =
        extensions == null
            ? null
            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    List<String> names = new ArrayList<>();
    if (found != null) {
      for (GeneralName name : found.getNames()) {
        switch (name.getTagNo()) {
          case GeneralName.dNSName -> names.add(IETFUtils.valueToString(name.getName()));
          case GeneralName.iPAddress -> names.add(address(name));
          default -> throw new IllegalArgumentException("a name of a kind that is not signed here");
        }
      }
    }
    return names;
  }

  private static String address(GeneralName name) {
    try {
      return java.net.InetAddress.getByAddress(
              ASN1OctetString.getInstance(name.getName()).getOctets())
          .getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalArgumentException("an address of a wrong length", e);
    }
  }
}
