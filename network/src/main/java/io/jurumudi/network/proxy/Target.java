package io.jurumudi.network.proxy;

import io.jurumudi.linux.NftValue;
import java.net.InetAddress;
import java.util.Arrays;

/** Where an endpoint listens. In the order of addresses, then ports. */
record Target(InetAddress address, int port) implements Comparable<Target> {
  NftValue value() {
    return NftValue.of(address, port);
  }

  @Override
  public int compareTo(Target o) {
    int c = Arrays.compareUnsigned(address.getAddress(), o.address.getAddress());
    return c != 0 ? c : Integer.compare(port, o.port);
  }
}
