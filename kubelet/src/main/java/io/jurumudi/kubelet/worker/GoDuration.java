package io.jurumudi.kubelet.worker;

import java.time.Duration;

/** Durations as Go prints them ({@code 1m20s}, {@code 512ms}): events and messages show them so. */
public final class GoDuration {
  private GoDuration() {}

  /** Cut to milliseconds. */
  public static String of(Duration d) {
    long millis = d.toMillis();
    if (millis == 0) {
      return "0s";
    }
    if (millis < 1000) {
      return millis + "ms";
    }
    StringBuilder out = new StringBuilder();
    if (d.toHours() > 0) {
      out.append(d.toHours()).append('h');
    }
    if (d.toMinutes() > 0) {
      out.append(d.toMinutesPart()).append('m');
    }
    out.append(d.toSecondsPart());
    if (d.toMillisPart() > 0) {
      String fraction = String.format("%03d", d.toMillisPart());
      out.append('.').append(fraction.replaceAll("0+$", ""));
    }
    return out.append('s').toString();
  }
}
