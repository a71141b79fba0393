package io.jurumudi.network.bridge;

import io.jurumudi.cri.PortMapping;
import io.jurumudi.linux.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sandbox holds of the network.
 *
 * @param ports its ports on the host
 */
record Lease(String sandboxId, InetAddress address, List<PortMapping> ports) {

  /** A line for the address, then one a port: protocol, host port, container port, host address. */
  String format() {
    StringBuilder s = new StringBuilder("address " + address.getHostAddress() + "\n");
    for (PortMapping p : ports) {
      s.append(
          "port %s %d %d %s\n"
              .formatted(
                  p.protocol(),
                  p.hostPort(),
                  p.containerPort(),
                  p.hostIp().isEmpty() ? "-" : p.hostIp()));
    }
    return s.append("end\n").toString();
  }

  /**
   * @throws IllegalArgumentException when it is not whole
   */
  static Lease parse(String sandboxId, String text) {
    List<PortMapping> ports = new ArrayList<>();
    InetAddress address = null;
    boolean ended = false;
    for (String line : text.lines().toList()) {
      String[] f = line.split(" ", -1);
      switch (f[0]) {
        case "address" -> address = Cidr.parse(f[1]).address();
        case "port" ->
            ports.add(
                new PortMapping(
                    f[1],
                    Integer.parseInt(f[3]),
                    Integer.parseInt(f[2]),
                    f[4].equals("-") ? "" : f[4]));
        case "end" -> ended = true;
        default -> throw new IllegalArgumentException("line: " + line);
      }
    }
    if (address == null || !ended) {
      throw new IllegalArgumentException("not whole: " + text);
    }
    return new Lease(sandboxId, address, List.copyOf(ports));
  }
}
