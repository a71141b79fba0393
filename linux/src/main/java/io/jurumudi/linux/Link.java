package io.jurumudi.linux;

/**
 * A network device.
 *
 * @param kind {@code bridge}, {@code veth}, …; empty for hardware and loopback
 * @param master index of the bridge it is a port of; 0: none
 * @param mac {@code aa:bb:cc:dd:ee:ff}, or empty
 */
public record Link(
    int index, String name, String kind, int master, boolean up, String mac, int mtu, Stats stats) {

  /** Counters since the device was made. */
  public record Stats(
      long rxBytes, long txBytes, long rxPackets, long txPackets, long rxErrors, long txErrors) {
    static final Stats ZERO = new Stats(0, 0, 0, 0, 0, 0);
  }
}
