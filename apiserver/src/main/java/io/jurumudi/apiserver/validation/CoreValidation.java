package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for data that pods use, and for endpoints. */
public final class CoreValidation {
  /** Of all keys' values of a config map or secret, in bytes. */
  private static final int MAX_DATA_BYTES = 1024 * 1024;

  private static final int MAX_ENDPOINTS = 1000;
  private static final int MAX_ADDRESSES = 100;
  private static final int MAX_PORTS = 20000;

  /** The keys that secrets of these types must have. */
  private static final Map<String, List<String>> SECRET_KEYS =
      Map.of(
          "kubernetes.io/dockercfg", List.of(".dockercfg"),
          "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
          "kubernetes.io/ssh-auth", List.of("ssh-privatekey"),
          "kubernetes.io/tls", List.of("tls.crt", "tls.key"));

  private CoreValidation() {}

  public static List<FieldError> configMap(ConfigMap c) {
    List<FieldError> errors = Rules.list();
    long size = 0;
    for (var e : c.data().entrySet()) {
      FieldPath at = FieldPath.of("data").key(e.getKey());
      Rules.all(Names.isConfigMapKey(e.getKey()), e.getKey(), at, errors);
      if (c.binaryData().containsKey(e.getKey())) {
        errors.add(FieldError.invalid(at, e.getKey(), "duplicate of key present in binaryData"));
      }
      size += e.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    for (var e : c.binaryData().entrySet()) {
      Rules.all(
          Names.isConfigMapKey(e.getKey()),
          e.getKey(),
          FieldPath.of("binaryData").key(e.getKey()),
          errors);
      size += e.getValue().size();
    }
    if (size > MAX_DATA_BYTES) {
      errors.add(
          new FieldError(
              FieldError.Type.TOO_LONG,
              "",
              "",
              "may not be more than " + MAX_DATA_BYTES + " bytes"));
    }
    return errors;
  }

  public static List<FieldError> configMap(ConfigMap c, ConfigMap old) {
    List<FieldError> errors = configMap(c);
    if (Boolean.TRUE.equals(old.immutable())) {
      if (!Boolean.TRUE.equals(c.immutable())) {
        errors.add(frozen("immutable"));
      }
      if (!c.data().equals(old.data())) {
        errors.add(frozen("data"));
      }
      if (!c.binaryData().equals(old.binaryData())) {
        errors.add(frozen("binaryData"));
      }
    }
    return errors;
  }

  private static FieldError frozen(String field) {
    return FieldError.forbidden(FieldPath.of(field), "field is immutable when `immutable` is set");
  }

  public static List<FieldError> secret(Secret s) {
    List<FieldError> errors = Rules.list();
    long size = 0;
    for (var e : s.data().entrySet()) {
      Rules.all(
          Names.isConfigMapKey(e.getKey()),
          e.getKey(),
          FieldPath.of("data").key(e.getKey()),
          errors);
      size += e.getValue().size();
    }
    if (size > MAX_DATA_BYTES) {
      errors.add(FieldError.tooLong(FieldPath.of("data"), MAX_DATA_BYTES));
    }
    for (String key : SECRET_KEYS.getOrDefault(s.type(), List.of())) {
      if (!s.data().containsKey(key)) {
        errors.add(FieldError.required(FieldPath.of("data").key(key), ""));
      }
    }
    if (s.type().equals("kubernetes.io/service-account-token")
        && s.metadata()
            .annotations()
            .getOrDefault("kubernetes.io/service-account.name", "")
            .isEmpty()) {
      errors.add(
          FieldError.required(
              FieldPath.of("metadata", "annotations").key("kubernetes.io/service-account.name"),
              ""));
    }
    return errors;
  }

  public static List<FieldError> secret(Secret s, Secret old) {
    List<FieldError> errors = secret(s);
    MetadataValidation.immutable(s.type(), old.type(), FieldPath.of("type"), errors);
    if (Boolean.TRUE.equals(old.immutable())) {
      if (!Boolean.TRUE.equals(s.immutable())) {
        errors.add(frozen("immutable"));
      }
      if (!s.data().equals(old.data())) {
        errors.add(frozen("data"));
      }
    }
    return errors;
  }

  public static List<FieldError> endpointSlice(EndpointSlice s) {
    List<FieldError> errors = Rules.list();
    Set<String> types = Set.of("FQDN", "IPv4", "IPv6");
    if (s.addressType().isEmpty()) {
      errors.add(FieldError.required(FieldPath.of("addressType"), ""));
    } else if (!types.contains(s.addressType())) {
      errors.add(
          FieldError.notSupported(
              FieldPath.of("addressType"), s.addressType(), types.stream().sorted().toList()));
    }
    if (s.endpoints().size() > MAX_ENDPOINTS) {
      errors.add(
          FieldError.tooMany(FieldPath.of("endpoints"), s.endpoints().size(), MAX_ENDPOINTS));
      return errors;
    }
    for (int i = 0; i < s.endpoints().size(); i++) {
      var endpoint = s.endpoints().get(i);
      FieldPath at = FieldPath.of("endpoints").index(i).child("addresses");
      if (endpoint.addresses().isEmpty()) {
        errors.add(FieldError.required(at, "must contain at least 1 address"));
      } else if (endpoint.addresses().size() > MAX_ADDRESSES) {
        errors.add(FieldError.tooMany(at, endpoint.addresses().size(), MAX_ADDRESSES));
      }
      for (int j = 0; j < endpoint.addresses().size(); j++) {
        String address = endpoint.addresses().get(j);
        boolean good =
            switch (s.addressType()) {
              case "IPv4" -> Addresses.isIpv4(address);
              case "IPv6" -> Addresses.isIpv6(address);
              default -> true;
            };
        if (!good) {
          errors.add(
              FieldError.invalid(
                  at.index(j), address, "must be a valid " + s.addressType() + " address"));
        }
      }
    }
    if (s.ports().size() > MAX_PORTS) {
      errors.add(FieldError.tooMany(FieldPath.of("ports"), s.ports().size(), MAX_PORTS));
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < s.ports().size(); i++) {
      String name = s.ports().get(i).name();
      FieldPath at = FieldPath.of("ports").index(i).child("name");
      if (name != null && !name.isEmpty()) {
        Rules.all(Names.isDns1123Label(name), name, at, errors);
      }
      if (!names.add(name == null ? "" : name)) {
        errors.add(FieldError.duplicate(at, name));
      }
    }
    return errors;
  }

  public static List<FieldError> endpointSliceUpdate(EndpointSlice s, EndpointSlice old) {
    List<FieldError> errors = endpointSlice(s);
    MetadataValidation.immutable(
        s.addressType(), old.addressType(), FieldPath.of("addressType"), errors);
    return errors;
  }
}
