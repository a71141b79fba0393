package io.jurumudi.scheduler.framework;

import io.jurumudi.api.resource.Quantity;
import java.util.HashMap;
import java.util.Map;

/**
 * Amounts of resources, of which one can be taken from another.
 *
 * @param milliCpu in thousandths of a core
 * @param memory in bytes
 * @param ephemeralStorage in bytes
 * @param others hugepages and extended resources by name, none of them zero
 */
public record Requests(
    long milliCpu, long memory, long ephemeralStorage, Map<String, Long> others) {
  public static final Requests NONE = new Requests(0, 0, 0, Map.of());

  /** Reads an API resource list; "pods" is left out. */
  public static Requests of(Map<String, Quantity> list) {
    if (list.isEmpty()) {
      return NONE;
    }
    long milliCpu = 0;
    long memory = 0;
    long ephemeralStorage = 0;
    Map<String, Long> others = Map.of();
    for (Map.Entry<String, Quantity> entry : list.entrySet()) {
      switch (entry.getKey()) {
        case "cpu" -> milliCpu = entry.getValue().milliValue();
        case "memory" -> memory = entry.getValue().value();
        case "ephemeral-storage" -> ephemeralStorage = entry.getValue().value();
        case "pods" -> {}
        default -> others = with(others, entry.getKey(), entry.getValue().value());
      }
    }
    return new Requests(milliCpu, memory, ephemeralStorage, others);
  }

  public Requests plus(Requests more) {
    return new Requests(
        milliCpu + more.milliCpu,
        memory + more.memory,
        ephemeralStorage + more.ephemeralStorage,
        add(more.others, 1));
  }

  public Requests minus(Requests less) {
    return new Requests(
        milliCpu - less.milliCpu,
        memory - less.memory,
        ephemeralStorage - less.ephemeralStorage,
        add(less.others, -1));
  }

  /** The greater amount of each resource. */
  public Requests max(Requests that) {
    Map<String, Long> greater = others;
    for (Map.Entry<String, Long> entry : that.others.entrySet()) {
      if (entry.getValue() > other(entry.getKey())) {
        greater = with(greater, entry.getKey(), entry.getValue());
      }
    }
    return new Requests(
        Math.max(milliCpu, that.milliCpu),
        Math.max(memory, that.memory),
        Math.max(ephemeralStorage, that.ephemeralStorage),
        greater);
  }

  public long other(String name) {
    return others.getOrDefault(name, 0L);
  }

  public boolean isNone() {
    return milliCpu == 0 && memory == 0 && ephemeralStorage == 0 && others.isEmpty();
  }

  private Map<String, Long> add(Map<String, Long> more, int sign) {
    Map<String, Long> sum = others;
    for (Map.Entry<String, Long> entry : more.entrySet()) {
      sum = with(sum, entry.getKey(), other(entry.getKey()) + sign * entry.getValue());
    }
    return sum;
  }

  private static Map<String, Long> with(Map<String, Long> map, String name, long amount) {
    Map<String, Long> copy = new HashMap<>(map);
    if (amount == 0) {
      copy.remove(name);
    } else {
      copy.put(name, amount);
    }
    return Map.copyOf(copy);
  }
}
