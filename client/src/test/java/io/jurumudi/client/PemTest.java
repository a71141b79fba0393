package io.jurumudi.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class PemTest {
  private static byte[] pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ("junk\n-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
        .getBytes(US_ASCII);
  }

  /** What follows the header of PKCS#8: version, algorithm, and the octet string's own header. */
  private static byte[] inner(byte[] pkcs8, int from) {
    return Arrays.copyOfRange(pkcs8, from, pkcs8.length);
  }

  @Test
  void readsBothFormsOfAnRsaKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    PrivateKey key = generator.generateKeyPair().getPrivate();
    assertThat(Pem.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
    assertThat(Pem.privateKey(pem("RSA PRIVATE KEY", inner(key.getEncoded(), 26)))).isEqualTo(key);
  }

  @Test
  void readsBothFormsOfAnEllipticCurveKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    assertThat(Pem.privateKey(pem("PRIVATE KEY", pair.getPrivate().getEncoded())))
        .isEqualTo(pair.getPrivate());
    // SEC 1 as OpenSSL writes it, made with: openssl ecparam -name prime256v1 -genkey -noout
    String sec1 =
        "MHcCAQEEIFKSyVqCaZqhH4I11ryVVdTxXMpt+REj2F/O0z5Mrx0coAoGCCqGSM49"
            + "AwEHoUQDQgAEa/TN8oGal1mgquFPkmOBXEPMB9NPIs5wBut4pjGn6WQ8t9CbYJd4"
            + "W44Uc5RXYP9hT2xdDZ3cnEfJEDQJQRjOhA==";
    assertThat(
            Pem.privateKey(pem("EC PRIVATE KEY", Base64.getDecoder().decode(sec1))).getAlgorithm())
        .isEqualTo("EC");
  }

  @Test
  void saysWhenThereIsNone() {
    assertThatThrownBy(() -> Pem.privateKey("nothing".getBytes(US_ASCII)))
        .hasMessage("no private key found");
  }
}
