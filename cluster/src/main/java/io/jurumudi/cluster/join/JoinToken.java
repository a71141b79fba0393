package io.jurumudi.cluster.join;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What a node needs to join: a bootstrap token that lets it ask for a certificate ({@code
 * abcdef.0123456789abcdef}), and the hash of the cluster's CA key ({@code sha256:…}, as kubeadm's
 * --discovery-token-ca-cert-hash), by which it knows that it talks to the right cluster.
 */
public record JoinToken(String id, String secret) {
  private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final Pattern FORM = Pattern.compile("[a-z0-9]{6}\\.[a-z0-9]{16}");

  public static JoinToken create(SecureRandom random) {
    return new JoinToken(letters(random, 6), letters(random, 16));
  }

  public static JoinToken parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a token has the form abcdef.0123456789abcdef, this one has not");
    }
    return new JoinToken(text.substring(0, 6), text.substring(7));
  }

  @Override
  public String toString() {
    return id + "." + secret;
  }

  /** The hash of a certificate's public key. */
  public static String hash(X509Certificate certificate) {
    try {
      return "sha256:"
          + HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(certificate.getPublicKey().getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String letters(SecureRandom random, int count) {
    StringBuilder letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return letters.toString();
  }
}
