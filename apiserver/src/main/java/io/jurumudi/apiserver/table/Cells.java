package io.jurumudi.apiserver.table;

import io.jurumudi.api.schema.KubernetesObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The texts that stand in tables' cells. */
public final class Cells {
  public static final String NONE = "<none>";
  public static final String UNSET = "<unset>";
  public static final String UNKNOWN = "<unknown>";

  private Cells() {}

  /** The time since an object was created. */
  public static String age(KubernetesObject<?> object, Instant now) {
    return since(object.metadata().creationTimestamp(), now);
  }

  /** The time since then, for people; "&lt;unknown>" when there is no then. */
  public static String since(@Nullable Instant then, Instant now) {
    return then == null ? UNKNOWN : duration(Duration.between(then, now));
  }

  /** A duration with two or three digits' worth of precision, as kubectl shows it. */
  public static String duration(Duration d) {
    long seconds = d.toSeconds();
    if (seconds < -1) {
      return "<invalid>";
    }
    if (seconds < 0) {
      return "0s";
    }
    if (seconds < 60 * 2) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    if (minutes < 10) {
      long rest = seconds % 60;
      return rest == 0 ? minutes + "m" : minutes + "m" + rest + "s";
    }
    if (minutes < 60 * 3) {
      return minutes + "m";
    }
    long hours = minutes / 60;
    if (hours < 8) {
      long rest = minutes % 60;
      return rest == 0 ? hours + "h" : hours + "h" + rest + "m";
    }
    if (hours < 48) {
      return hours + "h";
    }
    if (hours < 24 * 8) {
      long rest = hours % 24;
      return rest == 0 ? hours / 24 + "d" : hours / 24 + "d" + rest + "h";
    }
    if (hours < 24 * 365 * 2) {
      return hours / 24 + "d";
    }
    if (hours < 24 * 365 * 8) {
      long rest = hours / 24 % 365;
      return rest == 0 ? hours / 24 / 365 + "y" : hours / 24 / 365 + "y" + rest + "d";
    }
    return hours / 24 / 365 + "y";
  }

  public static String orNone(@Nullable String text) {
    return text == null || text.isEmpty() ? NONE : text;
  }

  public static String orUnset(@Nullable String text) {
    return text == null || text.isEmpty() ? UNSET : text;
  }

  /** Labels as a selector writes them, "&lt;none>" for none. */
  public static String labels(Map<String, String> labels) {
    return labels.isEmpty()
        ? NONE
        : labels.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(","));
  }

  /** The first few, then "+ n more..." . */
  public static String some(List<String> items, int most) {
    if (items.isEmpty()) {
      return NONE;
    }
    String shown = String.join(",", items.subList(0, Math.min(most, items.size())));
    return items.size() > most ? shown + " + " + (items.size() - most) + " more..." : shown;
  }
}
