package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.EnvFromSource;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.EnvVarSource;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables of a container (upstream's makeEnvironmentVariables). */
final class Environment {
  private Environment() {}

  /**
   * @return in the order of declaration, envFrom first, services last
   * @throws ConfigException says which object or key is missing
   */
  static List<KeyValue> of(Pod pod, Container container, FieldRefs refs, PodObjects objects)
      throws ConfigException {
    String namespace = pod.metadata().namespace();
    Map<String, String> services =
        ServiceEnvironment.of(
            namespace,
            !Boolean.FALSE.equals(pod.spec().enableServiceLinks()),
            objects.services("default"),
            objects.services(namespace));
    Map<String, String> env = new LinkedHashMap<>();
    for (EnvFromSource from : container.envFrom()) {
      env.putAll(from(from, namespace, objects));
    }
    for (EnvVar variable : container.env()) {
      String value = variable.value();
      EnvVarSource source = variable.valueFrom();
      if (!value.isEmpty()) {
        value =
            Expansion.expand(
                value,
                name -> Optional.ofNullable(env.get(name)).or(() -> optional(services, name)));
      } else if (source != null) {
        String found = source(source, namespace, container, refs, objects);
        if (found == null) {
          continue;
        }
        value = found;
      }
      env.put(variable.name(), value);
    }
    services.forEach(env::putIfAbsent);
    List<KeyValue> result = new ArrayList<>(env.size());
    env.forEach((k, v) -> result.add(new KeyValue(k, v)));
    return result;
  }

  static Function<String, Optional<String>> lookup(List<KeyValue> env) {
    Map<String, String> map = new LinkedHashMap<>();
    env.forEach(e -> map.put(e.key(), e.value()));
    return name -> optional(map, name);
  }

  private static Optional<String> optional(Map<String, String> map, String name) {
    return Optional.ofNullable(map.get(name));
  }

  private static Map<String, String> from(EnvFromSource from, String namespace, PodObjects objects)
      throws ConfigException {
    Map<String, String> env = new LinkedHashMap<>();
    var configMap = from.configMapRef();
    var secret = from.secretRef();
    if (configMap != null) {
      var found =
          found(
              () -> objects.configMap(namespace, configMap.name()),
              Boolean.TRUE.equals(configMap.optional()));
      found.ifPresent(c -> c.data().forEach((k, v) -> env.put(from.prefix() + k, v)));
    } else if (secret != null) {
      var found =
          found(
              () -> objects.secret(namespace, secret.name()),
              Boolean.TRUE.equals(secret.optional()));
      found.ifPresent(s -> s.data().forEach((k, v) -> env.put(from.prefix() + k, v.utf8())));
    }
    return env;
  }

  private static @Nullable String source(
      EnvVarSource source, String namespace, Container c, FieldRefs refs, PodObjects objects)
      throws ConfigException {
    var field = source.fieldRef();
    if (field != null) {
      return refs.field(field.fieldPath());
    }
    var resource = source.resourceFieldRef();
    if (resource != null) {
      return refs.resource(resource, c);
    }
    var configMap = source.configMapKeyRef();
    if (configMap != null) {
      boolean optional = Boolean.TRUE.equals(configMap.optional());
      var found = found(() -> objects.configMap(namespace, configMap.name()), optional);
      if (found.isEmpty()) {
        return null;
      }
      String value = found.get().data().get(configMap.key());
      return key(value, optional, configMap.key(), "ConfigMap", namespace, configMap.name());
    }
    var secret = source.secretKeyRef();
    if (secret != null) {
      boolean optional = Boolean.TRUE.equals(secret.optional());
      var found = found(() -> objects.secret(namespace, secret.name()), optional);
      if (found.isEmpty()) {
        return null;
      }
      var bytes = found.get().data().get(secret.key());
      String value = bytes == null ? null : bytes.utf8();
      return key(value, optional, secret.key(), "Secret", namespace, secret.name());
    }
    return "";
  }

  private static @Nullable String key(
      @Nullable String value,
      boolean optional,
      String key,
      String kind,
      String namespace,
      String name)
      throws ConfigException {
    if (value == null && !optional) {
      throw new ConfigException(
          "couldn't find key " + key + " in " + kind + " " + namespace + "/" + name);
    }
    return value;
  }

  private interface Get<T> {
    T get();
  }

  private static <T> Optional<T> found(Get<T> get, boolean optional) throws ConfigException {
    try {
      return Optional.of(get.get());
    } catch (ApiException e) {
      if (optional && e.code() == 404) {
        return Optional.empty();
      }
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }
}
