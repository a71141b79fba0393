package io.jurumudi.apiserver.validation;

import io.jurumudi.api.apiregistration.v1.APIService;
import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.LimitRange;
import io.jurumudi.api.core.v1.LimitRangeItem;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.networking.v1.IPAddress;
import io.jurumudi.api.networking.v1.ServiceCIDR;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rules for kinds about nodes, addresses and limits. Facts: k8s.io/kubernetes pkg/apis/core,
 * networking and resource, k8s.io/kube-aggregator.
 */
public final class ClusterValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> EFFECTS = Set.of("NoExecute", "NoSchedule", "PreferNoSchedule");
  private static final Set<String> PROTOCOLS = Set.of("SCTP", "TCP", "UDP");
  private static final int MAX_GROUP_PRIORITY = 20_000;
  private static final int MAX_VERSION_PRIORITY = 1_000;

  private ClusterValidation() {}

  public static List<FieldError> apiService(APIService a) {
    List<FieldError> errors = Rules.list();
    var s = a.spec();
    String wanted = s.version() + "." + s.group();
    if (!a.metadata().name().equals(wanted)) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("metadata", "name"), a.metadata().name(), "must be " + wanted));
    }
    if (s.group().isEmpty() && !s.version().equals("v1")) {
      errors.add(FieldError.required(SPEC.child("group"), "only v1 may have an empty group"));
    }
    if (!s.group().isEmpty()) {
      Rules.all(Names.isDns1123Subdomain(s.group()), s.group(), SPEC.child("group"), errors);
    }
    Rules.all(Names.isDns1035Label(s.version()), s.version(), SPEC.child("version"), errors);
    within(s.groupPriorityMinimum(), MAX_GROUP_PRIORITY, "groupPriorityMinimum", errors);
    within(s.versionPriority(), MAX_VERSION_PRIORITY, "versionPriority", errors);
    var service = s.service();
    if (service == null) {
      if (!s.caBundle().isEmpty()) {
        errors.add(FieldError.invalid(SPEC.child("caBundle"), "", "is for a service only"));
      }
      if (s.insecureSkipTLSVerify()) {
        errors.add(
            FieldError.invalid(SPEC.child("insecureSkipTLSVerify"), true, "is for a service only"));
      }
      return errors;
    }
    FieldPath at = SPEC.child("service");
    if (service.namespace().isEmpty()) {
      errors.add(FieldError.required(at.child("namespace"), ""));
    }
    if (service.name().isEmpty()) {
      errors.add(FieldError.required(at.child("name"), ""));
    }
    if (service.port() != null && !Names.isPortNumber(service.port()).isEmpty()) {
      errors.add(
          FieldError.invalid(at.child("port"), service.port(), "must be between 1 and 65535"));
    }
    if (s.insecureSkipTLSVerify() && !s.caBundle().isEmpty()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("insecureSkipTLSVerify"), true, "may not be true beside a caBundle"));
    }
    return errors;
  }

  private static void within(int value, int most, String field, List<FieldError> errors) {
    if (value <= 0 || value > most) {
      errors.add(FieldError.invalid(SPEC.child(field), value, "must be from 1 to " + most));
    }
  }

  public static List<FieldError> node(Node n) {
    List<FieldError> errors = Rules.list();
    FieldPath path = FieldPath.of("metadata", "taints"); // so upstream calls it
    Set<List<String>> seen = new HashSet<>();
    for (int i = 0; i < n.spec().taints().size(); i++) {
      Taint t = n.spec().taints().get(i);
      FieldPath at = path.index(i);
      Rules.all(Names.isQualifiedName(t.key()), t.key(), at.child("key"), errors);
      List<String> wrong = Names.isLabelValue(t.value());
      if (!wrong.isEmpty()) {
        errors.add(FieldError.invalid(at.child("value"), t.value(), String.join(";", wrong)));
      }
      Rules.oneOf(t.effect(), EFFECTS, at.child("effect"), errors);
      if (!seen.add(List.of(t.key(), t.effect()))) {
        errors.add(FieldError.duplicate(at, t.key() + ":" + t.effect()));
      }
    }
    FieldPath cidrs = SPEC.child("podCIDRs");
    for (int i = 0; i < n.spec().podCIDRs().size(); i++) {
      String cidr = n.spec().podCIDRs().get(i);
      if (!Addresses.isCidr(cidr)) {
        errors.add(FieldError.invalid(cidrs.index(i), cidr, Addresses.BAD_CIDR));
      }
    }
    return errors;
  }

  public static List<FieldError> endpoints(Endpoints e) {
    List<FieldError> errors = Rules.list();
    for (int i = 0; i < e.subsets().size(); i++) {
      var subset = e.subsets().get(i);
      FieldPath at = FieldPath.of("subsets").index(i);
      if (subset.addresses().isEmpty() && subset.notReadyAddresses().isEmpty()) {
        errors.add(FieldError.required(at, "must specify `addresses` or `notReadyAddresses`"));
      }
      addresses(subset.addresses(), at.child("addresses"), errors);
      addresses(subset.notReadyAddresses(), at.child("notReadyAddresses"), errors);
      for (int j = 0; j < subset.ports().size(); j++) {
        var port = subset.ports().get(j);
        FieldPath where = at.child("ports").index(j);
        if (subset.ports().size() > 1 && port.name().isEmpty()) {
          errors.add(FieldError.required(where.child("name"), ""));
        } else if (!port.name().isEmpty()) {
          Rules.all(Names.isDns1123Label(port.name()), port.name(), where.child("name"), errors);
        }
        Rules.port(port.port(), where.child("port"), errors);
        Rules.oneOf(port.protocol(), PROTOCOLS, where.child("protocol"), errors);
        if (port.appProtocol() != null) {
          Rules.all(
              Names.isQualifiedName(port.appProtocol()),
              port.appProtocol(),
              where.child("appProtocol"),
              errors);
        }
      }
    }
    return errors;
  }

  private static void addresses(
      List<EndpointAddress> addresses, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < addresses.size(); i++) {
      EndpointAddress a = addresses.get(i);
      FieldPath at = path.index(i);
      if (!Addresses.isIp(a.ip())) {
        errors.add(FieldError.invalid(at.child("ip"), a.ip(), Addresses.BAD_IP));
      }
      if (!a.hostname().isEmpty()) {
        Rules.all(Names.isDns1123Label(a.hostname()), a.hostname(), at.child("hostname"), errors);
      }
      if (a.nodeName() != null) {
        Rules.all(
            Names.isDns1123Subdomain(a.nodeName()), a.nodeName(), at.child("nodeName"), errors);
      }
      // Upstream checks the address once more, for the ranges that lead nowhere.
      Addresses.reachable(a.ip(), at.child("ip"), errors);
    }
  }

  public static List<FieldError> limitRange(LimitRange range) {
    List<FieldError> errors = Rules.list();
    Set<String> types = new HashSet<>();
    for (int i = 0; i < range.spec().limits().size(); i++) {
      LimitRangeItem item = range.spec().limits().get(i);
      FieldPath at = SPEC.child("limits").index(i);
      Rules.all(Names.isQualifiedName(item.type()), item.type(), at.child("type"), errors);
      if (!types.add(item.type())) {
        errors.add(FieldError.duplicate(at.child("type"), item.type()));
      }
      boolean pod = item.type().equals("Pod");
      if (pod && !item.default_().isEmpty()) {
        errors.add(FieldError.forbidden(at.child("default"), "is not for the type Pod"));
      }
      if (pod && !item.defaultRequest().isEmpty()) {
        errors.add(FieldError.forbidden(at.child("defaultRequest"), "is not for the type Pod"));
      }
      if (item.type().equals("PersistentVolumeClaim")
          && !item.min().containsKey("storage")
          && !item.max().containsKey("storage")) {
        errors.add(FieldError.required(at.child("limits"), "min or max of storage is wanted"));
      }
      quantities(item, pod, at, errors);
    }
    return errors;
  }

  private static void quantities(
      LimitRangeItem item, boolean pod, FieldPath at, List<FieldError> errors) {
    Map<String, Quantity> defaults = pod ? Map.of() : item.default_();
    Map<String, Quantity> requests = pod ? Map.of() : item.defaultRequest();
    Set<String> all = new TreeSet<>(item.min().keySet());
    all.addAll(item.max().keySet());
    all.addAll(defaults.keySet());
    all.addAll(requests.keySet());
    all.addAll(item.maxLimitRequestRatio().keySet());
    for (String name : all) {
      Quantity min = item.min().get(name);
      Quantity max = item.max().get(name);
      Quantity usual = defaults.get(name);
      Quantity request = requests.get(name);
      Quantity ratio = item.maxLimitRequestRatio().get(name);
      ordered(min, max, at.child("min").key(name), errors);
      ordered(min, request, at.child("defaultRequest").key(name), errors);
      ordered(request, max, at.child("defaultRequest").key(name), errors);
      ordered(request, usual, at.child("defaultRequest").key(name), errors);
      ordered(min, usual, at.child("default").key(name), errors);
      ordered(usual, max, at.child("default").key(name), errors);
      if (ratio != null && ratio.compareTo(Quantity.of(1)) < 0) {
        errors.add(
            FieldError.invalid(
                at.child("maxLimitRequestRatio").key(name), ratio.toString(), "is less than 1"));
      }
    }
  }

  private static void ordered(
      @Nullable Quantity low, @Nullable Quantity high, FieldPath path, List<FieldError> errors) {
    if (low != null && high != null && low.compareTo(high) > 0) {
      errors.add(
          FieldError.invalid(path, low.toString(), low + " must not be greater than " + high));
    }
  }

  public static List<FieldError> address(IPAddress a) {
    List<FieldError> errors = Rules.list();
    var parent = a.spec().parentRef();
    FieldPath at = SPEC.child("parentRef");
    if (parent == null) {
      errors.add(FieldError.required(at, ""));
      return errors;
    }
    if (!parent.group().isEmpty()) {
      Rules.all(
          Names.isDns1123Subdomain(parent.group()), parent.group(), at.child("group"), errors);
    }
    segment(parent.resource(), true, at.child("resource"), errors);
    segment(parent.name(), true, at.child("name"), errors);
    segment(parent.namespace(), false, at.child("namespace"), errors);
    return errors;
  }

  private static void segment(
      String text, boolean required, FieldPath path, List<FieldError> errors) {
    if (!text.isEmpty()) {
      Rules.all(Names.isPathSegmentName(text), text, path, errors);
    } else if (required) {
      errors.add(FieldError.required(path, ""));
    }
  }

  public static List<FieldError> addressUpdate(IPAddress a, IPAddress old) {
    List<FieldError> errors = address(a);
    if (a.spec().parentRef() != null) {
      MetadataValidation.immutable(
          a.spec().parentRef(), old.spec().parentRef(), SPEC.child("parentRef"), errors);
    }
    return errors;
  }

  public static List<FieldError> serviceCidr(ServiceCIDR c) {
    List<FieldError> errors = Rules.list();
    FieldPath path = SPEC.child("cidrs");
    if (c.spec().cidrs().isEmpty()) {
      errors.add(FieldError.required(path, "at least one CIDR required"));
    }
    for (int i = 0; i < c.spec().cidrs().size(); i++) {
      String cidr = c.spec().cidrs().get(i);
      if (!Addresses.isCidr(cidr)) {
        errors.add(FieldError.invalid(path.index(i), cidr, Addresses.BAD_CIDR));
      }
    }
    return errors;
  }
}
