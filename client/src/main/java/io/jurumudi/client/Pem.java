package io.jurumudi.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in PEM (RFC 7468). */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \\1-----");
  // AlgorithmIdentifiers in DER: rsaEncryption with NULL, and the id of an elliptic curve key.
  private static final byte[] RSA = bytes("300d06092a864886f70d0101010500");
  private static final byte[] EC_ID = bytes("06072a8648ce3d0201");

  private Pem() {}

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex);
  }

  /** All certificates in the text, in order. */
  static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
    Collection<? extends Certificate> found =
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    List<X509Certificate> certificates = new ArrayList<>();
    found.forEach(c -> certificates.add((X509Certificate) c));
    return certificates;
  }

  /** The first private key in the text: PKCS#8, PKCS#1 (RSA) or SEC 1 (elliptic curve). */
  static PrivateKey privateKey(byte[] pem) throws GeneralSecurityException {
    Matcher matcher = BLOCK.matcher(new String(pem, StandardCharsets.US_ASCII));
    while (matcher.find()) {
      byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
      switch (matcher.group(1)) {
        case "PRIVATE KEY" -> {
          return anyKey(der);
        }
        case "RSA PRIVATE KEY" -> {
          return key("RSA", wrap(RSA, der));
        }
        case "EC PRIVATE KEY" -> {
          return key("EC", wrap(sequence(EC_ID, curve(der)), der));
        }
        default -> {}
      }
    }
    throw new GeneralSecurityException("no private key found");
  }

  private static PrivateKey anyKey(byte[] der) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no key");
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      try {
        return key(algorithm, der);
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  private static PrivateKey key(String algorithm, byte[] der) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  /** PKCS#8: version 0, the algorithm, and the key as an octet string (RFC 5208). */
  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return sequence(new byte[] {2, 1, 0}, algorithm, tagged(4, key));
  }

  /** The curve's object identifier, in the [0] of an ECPrivateKey (RFC 5915). */
  private static byte[] curve(byte[] der) throws GeneralSecurityException {
    for (int i = 0; i + 2 < der.length; i++) {
      if ((der[i] & 0xff) == 0xa0 && der[i + 2] == 6 && i + 2 + der[i + 1] <= der.length) {
        return java.util.Arrays.copyOfRange(der, i + 2, i + 2 + der[i + 1]);
      }
    }
    throw new GeneralSecurityException("the elliptic curve key does not name its curve");
  }

  private static byte[] sequence(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return tagged(0x30, all.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (value.length < 128) {
      out.write(value.length);
    } else if (value.length < 256) {
      out.write(0x81);
      out.write(value.length);
    } else {
      out.write(0x82);
      out.write(value.length >> 8);
      out.write(value.length);
    }
    out.writeBytes(value);
    return out.toByteArray();
  }
}
