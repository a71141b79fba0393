package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceFieldSelector;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.pod.Containers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values of the downward API: fields of the pod, resources of its containers.
 *
 * @param hostIPs the node's, primary first
 * @param podIPs the sandbox's, primary first
 * @param allocatable the node's, which stand in for a limit that is not set
 */
public record FieldRefs(
    Pod pod,
    String nodeName,
    List<String> hostIPs,
    List<String> podIPs,
    Map<String, Quantity> allocatable) {

  /** The value of a field path such as {@code metadata.labels['app']} or {@code status.podIP}. */
  public String field(String path) throws ConfigException {
    int bracket = path.indexOf("['");
    if (bracket > 0 && path.endsWith("']")) {
      String key = path.substring(bracket + 2, path.length() - 2);
      return switch (path.substring(0, bracket)) {
        case "metadata.labels" -> pod.metadata().labels().getOrDefault(key, "");
        case "metadata.annotations" -> pod.metadata().annotations().getOrDefault(key, "");
        default -> throw unsupported(path);
      };
    }
    return switch (path) {
      case "metadata.name" -> pod.metadata().name();
      case "metadata.namespace" -> pod.metadata().namespace();
      case "metadata.uid" -> pod.metadata().uid();
      case "metadata.labels" -> lines(pod.metadata().labels());
      case "metadata.annotations" -> lines(pod.metadata().annotations());
      case "spec.nodeName" -> pod.spec().nodeName();
      case "spec.serviceAccountName" -> pod.spec().serviceAccountName();
      case "spec.restartPolicy" -> pod.spec().restartPolicy();
      case "spec.schedulerName" -> pod.spec().schedulerName();
      case "status.hostIP" -> hostIPs.isEmpty() ? "" : hostIPs.getFirst();
      case "status.hostIPs" -> String.join(",", hostIPs);
      case "status.podIP" -> podIPs.isEmpty() ? "" : podIPs.getFirst();
      case "status.podIPs" -> String.join(",", podIPs);
      case "status.phase" -> pod.status().phase();
      default -> throw unsupported(path);
    };
  }

  /** The value of a resource field in units of its divisor, rounded up. */
  public String resource(ResourceFieldSelector selector, Container own) throws ConfigException {
    Container c = own;
    if (!selector.containerName().isEmpty()) {
      c =
          Containers.find(pod, selector.containerName())
              .orElseThrow(
                  () ->
                      new ConfigException("container " + selector.containerName() + " not found"));
    }
    String path = selector.resource();
    int dot = path.indexOf('.');
    String name = path.substring(dot + 1);
    Quantity value;
    if (path.startsWith("limits.")) {
      value = c.resources().limits().get(name);
      if (value == null || value.signum() == 0) {
        value = allocatable.get(name);
      }
    } else if (path.startsWith("requests.")) {
      value = c.resources().requests().get(name);
    } else {
      throw new ConfigException("unsupported container resource : " + path);
    }
    if (value == null) {
      return "0";
    }
    Quantity divisor = selector.divisor();
    if (name.equals("cpu")) {
      long unit = divisor.signum() == 0 ? 1000 : divisor.milliValue();
      return "" + Math.ceilDiv(value.milliValue(), Math.max(1, unit));
    }
    long unit = divisor.signum() == 0 ? 1 : divisor.value();
    return "" + Math.ceilDiv(value.value(), Math.max(1, unit));
  }

  private static ConfigException unsupported(String path) {
    return new ConfigException("unsupported fieldPath: " + path);
  }

  /** One {@code key="value"} a line, sorted, quoted as Go quotes. */
  private static String lines(Map<String, String> map) {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(map)
        .forEach(
            (k, v) -> {
              if (!out.isEmpty()) {
                out.append('\n');
              }
              out.append(k).append('=').append(quote(v));
            });
    return out.toString();
  }

  static String quote(String s) {
    StringBuilder out = new StringBuilder(s.length() + 2).append('"');
    s.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case 11 -> out.append("\\v");
                default -> {
                  if (c < 0x20 || c == 0x7f) {
                    out.append(String.format("\\x%02x", c));
                  } else if (Character.isISOControl(c)) {
                    out.append(String.format("\\u%04x", c));
                  } else {
                    out.appendCodePoint(c);
                  }
                }
              }
            });
    return out.append('"').toString();
  }
}
