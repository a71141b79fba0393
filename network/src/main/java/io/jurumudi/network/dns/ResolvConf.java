package io.jurumudi.network.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The machine's own name servers (resolv.conf(5)). */
public final class ResolvConf {
  private static final int DNS_PORT = 53;

  private ResolvConf() {}

  /** Empty when the file is not there or names none. */
  public static List<InetSocketAddress> servers(Path file) {
    List<InetSocketAddress> found = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+", -1);
        if (words.length > 1 && words[0].equals("nameserver")) {
          int scope = words[1].indexOf('%');
          String literal = scope < 0 ? words[1] : words[1].substring(0, scope);
          found.add(new InetSocketAddress(InetAddress.ofLiteral(literal), DNS_PORT));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return List.copyOf(found);
    }
    return List.copyOf(found);
  }
}
