package io.jurumudi.cluster.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * What a cluster's trust rests on: its authority, and the key that signs service account tokens.
 * Both are made once and kept ({@link #load}); certificates signed by the authority are made anew
 * at each start, in microseconds, so none can run out while nobody looks.
 *
 * <p>Files of the directory, all readable by their owner only: {@code ca.crt}, {@code ca.key},
 * {@code sa.pub}, {@code sa.key}.
 */
public final class ClusterPki {
  private final CertificateAuthority authority;
  private final KeyPair serviceAccountKey;

  private ClusterPki(CertificateAuthority authority, KeyPair serviceAccountKey) {
    this.authority = authority;
    this.serviceAccountKey = serviceAccountKey;
  }

  /** A new one that is kept nowhere. */
  public static ClusterPki create(Clock clock) {
    return new ClusterPki(
        CertificateAuthority.create("jurumudi-ca", clock), CertificateAuthority.newKeyPair());
  }

  /**
   * The one kept in {@code directory}, made there when the directory has none.
   *
   * @throws IOException when the directory cannot be used, or what it holds has expired
   */
  public static ClusterPki load(Path directory, Clock clock) throws IOException {
    try {
      return loadOrMake(directory, clock);
    } catch (FileSystemException e) {
      throw new IOException(
          "the directory "
              + directory
              + ", which is to hold the cluster's keys, cannot be used: "
              + (e.getReason() == null ? e.toString() : e.getReason()),
          e);
    }
  }

  private static ClusterPki loadOrMake(Path directory, Clock clock) throws IOException {
    Path caKey = directory.resolve("ca.key");
    Path saKey = directory.resolve("sa.key");
    if (!Files.exists(saKey)) {
      ClusterPki fresh = create(clock);
      Files.createDirectories(directory);
      Identity ca = fresh.authority.identity();
      write(directory.resolve("ca.crt"), ca.certificatePem());
      write(caKey, ca.keyPem());
      KeyPair sa = fresh.serviceAccountKey;
      write(directory.resolve("sa.pub"), Pem.write("PUBLIC KEY", sa.getPublic().getEncoded()));
      // Last of all: its presence says that the others are whole.
      write(saKey, Pem.write("PRIVATE KEY", sa.getPrivate().getEncoded()));
      return fresh;
    }
    Identity ca =
        new Identity(
            Pem.privateKey("EC", Files.readString(caKey)),
            Pem.certificate(Files.readString(directory.resolve("ca.crt"))));
    if (ca.certificate()
        .getNotAfter()
        .toInstant()
        .isBefore(clock.instant().plus(Duration.ofDays(1)))) {
      throw new IOException("the cluster's certificate authority has expired: " + directory);
    }
    KeyPair sa =
        new KeyPair(
            Pem.publicKey("EC", Files.readString(directory.resolve("sa.pub"))),
            Pem.privateKey("EC", Files.readString(saKey)));
    return new ClusterPki(new CertificateAuthority(ca, clock), sa);
  }

  public CertificateAuthority authority() {
    return authority;
  }

  public KeyPair serviceAccountKey() {
    return serviceAccountKey;
  }

  public String caPem() {
    return authority.identity().certificatePem();
  }

  /** The API server's certificate, for all the names that clients know it by. */
  public Identity apiServer(List<String> names) {
    return authority.issue("kube-apiserver", List.of(), names);
  }

  /** A client of that user name and groups. */
  public Identity client(String user, List<String> groups) {
    return authority.issue(user, groups, List.of());
  }

  /** A kubelet: client of the API server and server for it. */
  public Identity kubelet(String nodeName, List<String> addresses) {
    java.util.ArrayList<String> names = new java.util.ArrayList<>(addresses);
    names.add(nodeName);
    return authority.issue("system:node:" + nodeName, List.of("system:nodes"), names);
  }

  private static void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(draft, text.getBytes(StandardCharsets.US_ASCII));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
