package io.jurumudi.runtime.container;

import java.util.Locale;
import java.util.Map;

/** Signals by name, as images and pods write them (signal(7), numbers of x86 and ARM). */
final class Signals {
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ILL", 4),
          Map.entry("TRAP", 5),
          Map.entry("ABRT", 6),
          Map.entry("BUS", 7),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("STKFLT", 16),
          Map.entry("CHLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("XCPU", 24),
          Map.entry("XFSZ", 25),
          Map.entry("VTALRM", 26),
          Map.entry("PROF", 27),
          Map.entry("WINCH", 28),
          Map.entry("IO", 29),
          Map.entry("PWR", 30),
          Map.entry("SYS", 31));

  static final int TERM = 15;
  private static final int RTMIN = 34;
  private static final int RTMAX = 64;

  private Signals() {}

  /** SIGTERM for what is no signal. */
  static int number(String name) {
    String s = name.strip().toUpperCase(Locale.ROOT);
    if (s.startsWith("SIG")) {
      s = s.substring(3);
    }
    Integer known = NUMBERS.get(s);
    if (known != null) {
      return known;
    }
    try {
      if (s.startsWith("RTMIN+")) {
        return RTMIN + Integer.parseInt(s.substring(6));
      }
      if (s.startsWith("RTMAX-")) {
        return RTMAX - Integer.parseInt(s.substring(6));
      }
      int n = s.equals("RTMIN") ? RTMIN : s.equals("RTMAX") ? RTMAX : Integer.parseInt(s);
      return n >= 1 && n <= RTMAX ? n : TERM;
    } catch (NumberFormatException e) {
      return TERM;
    }
  }
}
