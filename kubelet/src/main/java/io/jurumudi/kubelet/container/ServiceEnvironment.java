package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Variables that tell a container of services (upstream's pkg/kubelet/envvars). */
final class ServiceEnvironment {
  private ServiceEnvironment() {}

  /**
   * @param links also those of the pod's own namespace (enableServiceLinks)
   * @return sorted by name
   */
  static Map<String, String> of(
      String namespace,
      boolean links,
      Collection<Service> ofDefault,
      Collection<Service> ofNamespace) {
    Map<String, String> env = new TreeMap<>();
    for (Service s : ofDefault) {
      if (s.metadata().name().equals("kubernetes")) {
        add(env, s);
      }
    }
    if (links) {
      for (Service s : ofNamespace) {
        add(env, s);
      }
    }
    return env;
  }

  private static void add(Map<String, String> env, Service s) {
    String ip = s.spec().clusterIP();
    if (ip.isEmpty() || ip.equals("None") || s.spec().ports().isEmpty()) {
      return;
    }
    String name = variable(s.metadata().name());
    env.put(name + "_SERVICE_HOST", ip);
    env.put(name + "_SERVICE_PORT", "" + s.spec().ports().getFirst().port());
    boolean first = true;
    for (ServicePort port : s.spec().ports()) {
      if (!port.name().isEmpty()) {
        env.put(name + "_SERVICE_PORT_" + variable(port.name()), "" + port.port());
      }
      String protocol = port.protocol().isEmpty() ? "TCP" : port.protocol();
      String host = ip.indexOf(':') >= 0 ? "[" + ip + "]" : ip;
      String url = protocol.toLowerCase(Locale.ROOT) + "://" + host + ":" + port.port();
      if (first) {
        env.put(name + "_PORT", url);
        first = false;
      }
      String prefix = name + "_PORT_" + port.port() + "_" + protocol.toUpperCase(Locale.ROOT);
      env.put(prefix, url);
      env.put(prefix + "_PROTO", protocol.toLowerCase(Locale.ROOT));
      env.put(prefix + "_PORT", "" + port.port());
      env.put(prefix + "_ADDR", ip);
    }
  }

  private static String variable(String name) {
    return name.replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
