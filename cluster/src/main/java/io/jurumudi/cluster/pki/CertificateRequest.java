package io.jurumudi.cluster.pki;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key and the PKCS #10 request for its certificate.
 *
 * @param pem a CERTIFICATE REQUEST block
 */
public record CertificateRequest(PrivateKey key, String pem) {
  public static CertificateRequest create(
      String commonName, List<String> organizations, List<String> names) {
    KeyPair pair = CertificateAuthority.newKeyPair();
    X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE);
    organizations.forEach(organization -> subject.addRDN(BCStyle.O, organization));
    subject.addRDN(BCStyle.CN, commonName);
    try {
      JcaPKCS10CertificationRequestBuilder builder =
          new JcaPKCS10CertificationRequestBuilder(subject.build(), pair.getPublic());
      if (!names.isEmpty()) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
            Extension.subjectAlternativeName, false, CertificateAuthority.generalNames(names));
        builder.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      byte[] der =
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
              .getEncoded();
      return new CertificateRequest(pair.getPrivate(), Pem.write("CERTIFICATE REQUEST", der));
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException("the request for " + commonName + " could not be made", e);
    }
  }
}
