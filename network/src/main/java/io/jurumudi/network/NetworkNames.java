package io.jurumudi.network;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names, on the machine, of what a cluster's network makes; distinct between clusters side by side.
 * Workers of one cluster live in network namespaces of their own, so their names may repeat.
 */
public record NetworkNames(String cluster) {
  /** A link's name has 15 characters at most. */
  private static final int LINK_NAME = 15;

  /** The pods' bridge. */
  public String bridge() {
    return link("jm-");
  }

  /** The bridge that joins the cluster's nodes on this machine. */
  public String nodeBridge() {
    return link("jn-");
  }

  /** The host's end of a sandbox's veth pair. */
  public String veth(String sandboxId) {
    return "jv" + digest(cluster + "/" + sandboxId, LINK_NAME - 2);
  }

  /** The host's end of a node's veth pair. */
  public String nodeVeth(String node) {
    return "jw" + digest(cluster + "/" + node, LINK_NAME - 2);
  }

  /** nftables table for pods: masquerading and host ports. */
  public String podTable() {
    return "jurumudi-" + cluster + "-pods";
  }

  /** nftables table for services. */
  public String serviceTable() {
    return "jurumudi-" + cluster + "-services";
  }

  /** nftables table that lets nodes on this machine out. */
  public String nodeTable() {
    return "jurumudi-" + cluster + "-nodes";
  }

  private String link(String prefix) {
    int room = LINK_NAME - prefix.length();
    boolean plain = cluster.matches("[A-Za-z0-9_.-]{1," + room + "}");
    return prefix + (plain ? cluster : digest(cluster, room));
  }

  private static String digest(String s, int characters) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(s.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum).substring(0, characters);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
