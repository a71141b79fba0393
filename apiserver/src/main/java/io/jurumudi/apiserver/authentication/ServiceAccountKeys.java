package io.jurumudi.apiserver.authentication;

import io.jurumudi.machinery.codec.Trees;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys that sign service accounts' tokens and check them: JSON Web Signatures in their compact
 * form (RFC 7515), RS256 for RSA keys and ES256 for P-256. A key's id is the SHA-256 of its
 * encoding as upstream's is.
 */
public final class ServiceAccountKeys {
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  private final PrivateKey signer;
  private final Map<String, PublicKey> trusted = new LinkedHashMap<>();
  private final String encodedHead;

  /**
   * @param publicKey of the signer
   * @param alsoTrusted keys whose tokens are accepted but that sign no more
   */
  public ServiceAccountKeys(PrivateKey signer, PublicKey publicKey, List<PublicKey> alsoTrusted) {
    this.signer = signer;
    String id = id(publicKey);
    trusted.put(id, publicKey);
    alsoTrusted.forEach(key -> trusted.put(id(key), key));
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    head.put("alg", algorithm(publicKey));
    head.put("kid", id);
    this.encodedHead = ENCODER.encodeToString(Trees.writeJson(head));
  }

  private static String id(PublicKey key) {
    try {
      return ENCODER.encodeToString(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String algorithm(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> "RS256";
      case ECPublicKey ec when ec.getParams().getCurve().getField().getFieldSize() == 256 ->
          "ES256";
      default ->
          throw new IllegalArgumentException(
              "a token key must be RSA or EC P-256, not " + key.getAlgorithm());
    };
  }

  private static Signature signature(String algorithm) throws NoSuchAlgorithmException {
    return Signature.getInstance(
        algorithm.equals("RS256") ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
  }

  /** The signed token. */
  String sign(Map<String, @Nullable Object> claims) {
    String signed = encodedHead + "." + ENCODER.encodeToString(Trees.writeJson(claims));
    try {
      Signature signature = signature(algorithm(trusted.values().iterator().next()));
      signature.initSign(signer);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + ENCODER.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the token key does not sign", e);
    }
  }

  /** What a token says, unchecked; null when it is no JSON Web Token. */
  static @Nullable Map<?, ?> claims(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      return Trees.parseJson(DECODER.decode(parts[1])) instanceof Map<?, ?> map ? map : null;
    } catch (RuntimeException e) {
      return null;
    }
  }

  /** Checks the signature with the key the token names, or with each when it names none. */
  void verify(String token) throws AuthenticationException {
    int dot = token.lastIndexOf('.');
    try {
      byte[] head = DECODER.decode(token.substring(0, token.indexOf('.')));
      if (!(Trees.parseJson(head) instanceof Map<?, ?> fields)) {
        throw new AuthenticationException("token without a header");
      }
      byte[] signed = token.substring(0, dot).getBytes(StandardCharsets.US_ASCII);
      byte[] bytes = DECODER.decode(token.substring(dot + 1));
      Object id = fields.get("kid");
      List<PublicKey> keys = new ArrayList<>(trusted.values());
      if (id instanceof String known && trusted.containsKey(known)) {
        keys = List.of(java.util.Objects.requireNonNull(trusted.get(known)));
      }
      for (PublicKey key : keys) {
        String algorithm = algorithm(key);
        if (algorithm.equals(fields.get("alg"))) {
          Signature signature = signature(algorithm);
          signature.initVerify(key);
          signature.update(signed);
          if (signature.verify(bytes)) {
            return;
          }
        }
      }
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new AuthenticationException("token does not parse: " + e.getMessage(), e);
    }
    throw new AuthenticationException("invalid signature, no keys found");
  }

  /** The document at /openid/v1/jwks (application/jwk-set+json; RFC 7517). */
  public byte[] jwks() {
    List<@Nullable Object> keys = new ArrayList<>();
    trusted.forEach(
        (id, key) -> {
          Map<String, @Nullable Object> fields = new LinkedHashMap<>();
          fields.put("use", "sig");
          if (key instanceof RSAPublicKey rsa) {
            fields.put("kty", "RSA");
            fields.put("kid", id);
            fields.put("alg", "RS256");
            fields.put("n", number(rsa.getModulus(), 0));
            fields.put("e", number(rsa.getPublicExponent(), 0));
          } else if (key instanceof ECPublicKey ec) {
            fields.put("kty", "EC");
            fields.put("kid", id);
            fields.put("crv", "P-256");
            fields.put("alg", "ES256");
            fields.put("x", number(ec.getW().getAffineX(), 32));
            fields.put("y", number(ec.getW().getAffineY(), 32));
          }
          keys.add(fields);
        });
    Map<String, @Nullable Object> set = new LinkedHashMap<>();
    set.put("keys", keys);
    return Trees.writeJson(set);
  }

  private static String number(BigInteger value, int size) {
    byte[] bytes = value.toByteArray();
    int length = size == 0 ? (value.bitLength() + 7) / 8 : size;
    byte[] exact = new byte[length];
    int copied = Math.min(bytes.length, length);
    System.arraycopy(bytes, bytes.length - copied, exact, length - copied, copied);
    return ENCODER.encodeToString(exact);
  }

  /** The document at /.well-known/openid-configuration (application/json). */
  public byte[] openIdConfiguration(String issuer, String jwksUri) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("issuer", issuer);
    document.put("jwks_uri", jwksUri);
    document.put("response_types_supported", List.of("id_token"));
    document.put("subject_types_supported", List.of("public"));
    document.put(
        "id_token_signing_alg_values_supported",
        trusted.values().stream().map(ServiceAccountKeys::algorithm).distinct().toList());
    return Trees.writeJson(document);
  }
}
