package io.jurumudi.linux;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A route of the main table.
 *
 * @param destination network; {@code 0.0.0.0/0} is the default route
 * @param gateway null: the network is on the link itself
 * @param source preferred source address; null: the kernel's choice
 * @param device index of the link; 0: the one that leads to the gateway
 */
public record Route(
    Cidr destination,
    @Nullable InetAddress gateway,
    @Nullable InetAddress source,
    int device,
    Type type) {

  /** What the kernel does with a packet (rtnetlink(7), rtm_type). */
  public enum Type {
    UNICAST(1),
    LOCAL(2),
    BLACKHOLE(6),
    UNREACHABLE(7);

    final int number;

    Type(int number) {
      this.number = number;
    }
  }

  public static Route via(Cidr destination, InetAddress gateway) {
    return new Route(destination, gateway, null, 0, Type.UNICAST);
  }

  public static Route onLink(Cidr destination, int device) {
    return new Route(destination, null, null, device, Type.UNICAST);
  }
}
