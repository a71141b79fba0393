package io.jurumudi.apiserver.admission;

import io.jurumudi.api.util.Bytes;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** What certificate signing requests (RFC 2986, in PEM) ask for. */
final class CertificateSubjects {
  private CertificateSubjects() {}

  /** The organizations in the subject, which become groups; none when it is no such request. */
  static List<String> organizations(Bytes pem) {
    List<String> organizations = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(pem.utf8()))) {
      if (parser.readObject() instanceof PKCS10CertificationRequest request) {
        for (RDN part : request.getSubject().getRDNs(BCStyle.O)) {
          organizations.add(IETFUtils.valueToString(part.getFirst().getValue()));
        }
      }
    } catch (IOException e) {
      return List.of(); // The signer will find that it cannot be read.
    }
    return organizations;
  }
}
