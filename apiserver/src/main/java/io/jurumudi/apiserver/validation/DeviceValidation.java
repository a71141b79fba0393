package io.jurumudi.apiserver.validation;

import io.jurumudi.api.resource.v1.Device;
import io.jurumudi.api.resource.v1.DeviceAttribute;
import io.jurumudi.api.resource.v1.DeviceClaim;
import io.jurumudi.api.resource.v1.DeviceClass;
import io.jurumudi.api.resource.v1.DeviceConstraint;
import io.jurumudi.api.resource.v1.DeviceRequest;
import io.jurumudi.api.resource.v1.DeviceSelector;
import io.jurumudi.api.resource.v1.DeviceSubRequest;
import io.jurumudi.api.resource.v1.DeviceToleration;
import io.jurumudi.api.resource.v1.ExactDeviceRequest;
import io.jurumudi.api.resource.v1.OpaqueDeviceConfiguration;
import io.jurumudi.api.resource.v1.ResourceClaim;
import io.jurumudi.api.resource.v1.ResourceClaimTemplate;
import io.jurumudi.api.resource.v1.ResourceSlice;
import io.jurumudi.api.resource.v1.ResourceSliceSpec;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Classes, claims and slices of devices (resource.k8s.io). */
public final class DeviceValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final int MAX_PARAMETER_BYTES = 10 * 1024;
  private static final int MAX_IDENTIFIER = 32;
  private static final int MAX_ATTRIBUTE = 64;
  private static final int MAX_POOL_NAME = 253;
  private static final String IMMUTABLE = "field is immutable";
  private static final String NO_REQUEST =
      "must be the name of a request in the claim or the name of a request and a subrequest"
          + " separated by '/'";
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern SEMVER =
      Pattern.compile(
          "(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
              + "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?");

  private DeviceValidation() {}

  public static List<FieldError> deviceClass(DeviceClass c) {
    List<FieldError> errors = Rules.list();
    selectors(c.spec().selectors(), SPEC.child("selectors"), errors);
    FieldPath path = SPEC.child("config");
    for (int i = 0; i < c.spec().config().size(); i++) {
      opaque(c.spec().config().get(i).opaque(), path.index(i).child("opaque"), errors);
    }
    return errors;
  }

  public static List<FieldError> claim(ResourceClaim c) {
    List<FieldError> errors = Rules.list();
    devices(c.spec().devices(), SPEC.child("devices"), errors);
    return errors;
  }

  public static List<FieldError> claimUpdate(ResourceClaim c, ResourceClaim old) {
    return c.spec().equals(old.spec())
        ? List.of()
        : List.of(FieldError.invalid(SPEC, "", IMMUTABLE));
  }

  public static List<FieldError> template(ResourceClaimTemplate t) {
    List<FieldError> errors = Rules.list();
    FieldPath metadata = SPEC.child("metadata");
    errors.addAll(
        MetadataValidation.annotations(
            t.spec().metadata().annotations(), metadata.child("annotations")));
    errors.addAll(
        MetadataValidation.labels(t.spec().metadata().labels(), metadata.child("labels")));
    devices(t.spec().spec().devices(), SPEC.child("spec", "devices"), errors);
    return errors;
  }

  public static List<FieldError> templateUpdate(
      ResourceClaimTemplate t, ResourceClaimTemplate old) {
    return t.spec().equals(old.spec())
        ? List.of()
        : List.of(FieldError.invalid(SPEC, "", IMMUTABLE));
  }

  private static void devices(DeviceClaim claim, FieldPath path, List<FieldError> errors) {
    Map<String, Set<String>> names = new HashMap<>();
    for (DeviceRequest request : claim.requests()) {
      Set<String> below = new HashSet<>();
      request.firstAvailable().forEach(sub -> below.add(sub.name()));
      names.put(request.name(), below);
    }
    set(
        claim.requests(),
        DeviceRequest::name,
        (request, at) -> request(request, at, errors),
        path.child("requests"),
        errors);
    for (int i = 0; i < claim.constraints().size(); i++) {
      DeviceConstraint constraint = claim.constraints().get(i);
      FieldPath at = path.child("constraints").index(i);
      references(constraint.requests(), names, at.child("requests"), errors);
      if (constraint.matchAttribute() != null) {
        fullName(constraint.matchAttribute(), at.child("matchAttribute"), errors);
      } else if (constraint.distinctAttribute() != null) {
        fullName(constraint.distinctAttribute(), at.child("distinctAttribute"), errors);
      } else {
        errors.add(
            FieldError.required(
                at, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required"));
      }
    }
    for (int i = 0; i < claim.config().size(); i++) {
      FieldPath at = path.child("config").index(i);
      references(claim.config().get(i).requests(), names, at.child("requests"), errors);
      opaque(claim.config().get(i).opaque(), at.child("opaque"), errors);
    }
  }

  /** Elements, and that no two have the same key. */
  private static <T> void set(
      List<T> elements,
      Function<T, String> key,
      BiConsumer<T, FieldPath> check,
      FieldPath path,
      List<FieldError> errors) {
    for (int i = 0; i < elements.size(); i++) {
      check.accept(elements.get(i), path.index(i));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < elements.size(); i++) {
      String name = key.apply(elements.get(i));
      if (!seen.add(name)) {
        errors.add(FieldError.duplicate(path.index(i), name));
      }
    }
  }

  private static void references(
      List<String> to, Map<String, Set<String>> names, FieldPath path, List<FieldError> errors) {
    set(
        to,
        name -> name,
        (name, at) -> {
          String[] parts = name.split("/", -1);
          if (parts.length > 2) {
            errors.add(FieldError.invalid(at, name, NO_REQUEST));
            return;
          }
          for (String part : parts) {
            Rules.all(Names.isDns1123Label(part), part, at, errors);
          }
          Set<String> below = names.get(parts[0]);
          if (below == null || (parts.length == 2 && !below.contains(parts[1]))) {
            errors.add(FieldError.invalid(at, name, NO_REQUEST));
          }
        },
        path,
        errors);
  }

  private static void request(DeviceRequest request, FieldPath path, List<FieldError> errors) {
    Rules.all(Names.isDns1123Label(request.name()), request.name(), path.child("name"), errors);
    ExactDeviceRequest exactly = request.exactly();
    boolean choice = !request.firstAvailable().isEmpty();
    if (exactly == null && !choice) {
      errors.add(
          FieldError.required(path, "exactly one of `exactly` or `firstAvailable` is required"));
    } else if (exactly != null && choice) {
      errors.add(
          FieldError.invalid(
              path,
              null,
              "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are"
                  + " set"));
    } else if (exactly != null) {
      FieldPath at = path.child("exactly");
      className(exactly.deviceClassName(), at.child("deviceClassName"), errors);
      selectors(exactly.selectors(), at.child("selectors"), errors);
      amount(exactly.allocationMode(), exactly.count(), at, errors);
      tolerations(exactly.tolerations(), at.child("tolerations"), errors);
    } else {
      set(
          request.firstAvailable(),
          DeviceSubRequest::name,
          (sub, at) -> {
            Rules.all(Names.isDns1123Label(sub.name()), sub.name(), at.child("name"), errors);
            className(sub.deviceClassName(), at.child("deviceClassName"), errors);
            selectors(sub.selectors(), at.child("selectors"), errors);
            amount(sub.allocationMode(), sub.count(), at, errors);
            tolerations(sub.tolerations(), at.child("tolerations"), errors);
          },
          path.child("firstAvailable"),
          errors);
    }
  }

  private static void className(String name, FieldPath path, List<FieldError> errors) {
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else {
      Rules.all(Names.isDns1123Subdomain(name), name, path, errors);
    }
  }

  private static void amount(String mode, long count, FieldPath path, List<FieldError> errors) {
    switch (mode) {
      case "All" -> {
        if (count != 0) {
          errors.add(
              FieldError.invalid(
                  path.child("count"),
                  count,
                  "must not be specified when allocationMode is 'All'"));
        }
      }
      case "ExactCount" -> {
        if (count <= 0) {
          errors.add(FieldError.invalid(path.child("count"), count, "must be greater than zero"));
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(
                  path.child("allocationMode"), mode, List.of("All", "ExactCount")));
    }
  }

  private static void selectors(
      List<DeviceSelector> selectors, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < selectors.size(); i++) {
      FieldPath at = path.index(i).child("cel");
      var cel = selectors.get(i).cel();
      if (cel == null) {
        errors.add(FieldError.required(at, ""));
      } else if (cel.expression().isBlank()) {
        errors.add(
            FieldError.invalid(
                at.child("expression"), cel.expression(), "compilation failed: it is empty"));
      }
    }
  }

  private static void tolerations(
      List<DeviceToleration> tolerations, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < tolerations.size(); i++) {
      DeviceToleration t = tolerations.get(i);
      FieldPath at = path.index(i);
      if (!t.key().isEmpty()) {
        Rules.all(Names.isQualifiedName(t.key()), t.key(), at.child("key"), errors);
      }
      switch (t.operator()) {
        case "Exists" -> {
          if (!t.value().isEmpty()) {
            errors.add(
                FieldError.invalid(
                    at.child("value"), t.value(), "must be empty for operator `Exists`"));
          }
        }
        case "Equal" ->
            Rules.all(Names.isLabelValue(t.value()), t.value(), at.child("value"), errors);
        case "" -> errors.add(FieldError.required(at.child("operator"), ""));
        default ->
            errors.add(
                FieldError.notSupported(
                    at.child("operator"), t.operator(), List.of("Equal", "Exists")));
      }
      if (!t.effect().isEmpty()) {
        Rules.among(
            t.effect(), Set.of("NoExecute", "NoSchedule", "None"), at.child("effect"), errors);
      }
    }
  }

  private static void opaque(
      @Nullable OpaqueDeviceConfiguration opaque, FieldPath path, List<FieldError> errors) {
    if (opaque == null) {
      errors.add(FieldError.required(path, ""));
      return;
    }
    VolumeValidation.driver(opaque.driver(), path.child("driver"), errors);
    FieldPath at = path.child("parameters");
    String json = opaque.parameters() == null ? "" : opaque.parameters().toString().strip();
    if (json.isEmpty() || json.equals("null")) {
      errors.add(FieldError.required(at, ""));
    } else if (json.length() > MAX_PARAMETER_BYTES) {
      errors.add(FieldError.tooLong(at, MAX_PARAMETER_BYTES));
    } else if (!json.startsWith("{")) {
      errors.add(FieldError.invalid(at, "<value omitted>", "must be a valid JSON object"));
    }
  }

  private static void fullName(String name, FieldPath path, List<FieldError> errors) {
    qualified(name, path, errors);
    if (name.indexOf('/') < 0) {
      errors.add(
          FieldError.invalid(
              path,
              name,
              "a fully qualified name must be a domain and a name separated by a slash"));
    }
  }

  private static void qualified(String name, FieldPath path, List<FieldError> errors) {
    String[] parts = name.split("/", -1);
    if (parts.length == 1) {
      identifier(name, path, errors);
    } else if (parts.length == 2) {
      if (parts[0].isEmpty()) {
        errors.add(FieldError.invalid(path, "", "the domain must not be empty"));
      } else {
        VolumeValidation.driver(parts[0], path, errors);
      }
      if (parts[1].isEmpty()) {
        errors.add(FieldError.invalid(path, "", "the name must not be empty"));
      } else {
        identifier(parts[1], path, errors);
      }
    }
  }

  private static void identifier(String id, FieldPath path, List<FieldError> errors) {
    if (id.length() > MAX_IDENTIFIER) {
      errors.add(FieldError.tooLong(path, MAX_IDENTIFIER));
    }
    if (!IDENTIFIER.matcher(id).matches()) {
      errors.add(FieldError.invalid(path, id, "must be an identifier as C has them"));
    }
  }

  public static List<FieldError> slice(ResourceSlice slice) {
    List<FieldError> errors = Rules.list();
    ResourceSliceSpec s = slice.spec();
    VolumeValidation.driver(s.driver(), SPEC.child("driver"), errors);
    pool(s, errors);
    nodes(s, errors);
    set(
        s.devices(),
        Device::name,
        (device, at) -> device(device, at, errors),
        SPEC.child("devices"),
        errors);
    return errors;
  }

  public static List<FieldError> sliceUpdate(ResourceSlice slice, ResourceSlice old) {
    List<FieldError> errors = slice(slice);
    ResourceSliceSpec s = slice.spec();
    ResourceSliceSpec before = old.spec();
    MetadataValidation.immutable(
        s.pool().name(), before.pool().name(), SPEC.child("pool", "name"), errors);
    MetadataValidation.immutable(s.driver(), before.driver(), SPEC.child("driver"), errors);
    MetadataValidation.immutable(s.nodeName(), before.nodeName(), SPEC.child("nodeName"), errors);
    return errors;
  }

  private static void pool(ResourceSliceSpec s, List<FieldError> errors) {
    FieldPath path = SPEC.child("pool");
    String name = s.pool().name();
    if (name.isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    } else {
      if (name.length() > MAX_POOL_NAME) {
        errors.add(FieldError.tooLong(path.child("name"), MAX_POOL_NAME));
      }
      for (String part : name.split("/", -1)) {
        Rules.all(Names.isDns1123Subdomain(part), part, path.child("name"), errors);
      }
    }
    if (s.pool().resourceSliceCount() <= 0) {
      errors.add(
          FieldError.invalid(
              path.child("resourceSliceCount"),
              s.pool().resourceSliceCount(),
              "must be greater than zero"));
    }
    if (s.pool().generation() < 0) {
      errors.add(
          FieldError.invalid(
              path.child("generation"),
              s.pool().generation(),
              "must be greater than or equal to zero"));
    }
  }

  /** Which nodes reach the devices is told in one way. */
  private static void nodes(ResourceSliceSpec s, List<FieldError> errors) {
    List<String> ways = new ArrayList<>();
    String node = s.nodeName();
    if (node != null && node.isEmpty()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("nodeName"), node, "must be either unset or set to a non-empty string"));
    } else if (node != null) {
      ways.add("`nodeName`");
      Rules.all(Names.isDns1123Subdomain(node), node, SPEC.child("nodeName"), errors);
    }
    if (s.nodeSelector() != null) {
      ways.add("`nodeSelector`");
    }
    way(s.allNodes(), "allNodes", ways, errors);
    way(s.perDeviceNodeSelection(), "perDeviceNodeSelection", ways, errors);
    String one =
        "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is"
            + " required";
    if (ways.isEmpty()) {
      errors.add(FieldError.required(SPEC, one));
    } else if (ways.size() > 1) {
      errors.add(
          FieldError.invalid(
              SPEC, "{" + String.join(", ", ways) + "}", one + ", but multiple fields are set"));
    }
  }

  private static void way(
      @Nullable Boolean set, String name, List<String> ways, List<FieldError> errors) {
    if (Boolean.FALSE.equals(set)) {
      errors.add(
          FieldError.invalid(SPEC.child(name), false, "must be either unset or set to true"));
    } else if (set != null) {
      ways.add("`" + name + "`");
    }
  }

  private static void device(Device device, FieldPath path, List<FieldError> errors) {
    Rules.all(Names.isDns1123Label(device.name()), device.name(), path.child("name"), errors);
    device
        .attributes()
        .forEach(
            (name, attribute) -> {
              qualified(name, path.child("attributes"), errors);
              attribute(attribute, path.child("attributes").key(name), errors);
            });
    device.capacity().keySet().forEach(name -> qualified(name, path.child("capacity"), errors));
  }

  private static void attribute(DeviceAttribute a, FieldPath path, List<FieldError> errors) {
    long values =
        Stream.of(a.int_(), a.bool(), a.string(), a.version()).filter(Objects::nonNull).count()
            + Stream.of(a.ints(), a.bools(), a.strings(), a.versions())
                .filter(list -> !list.isEmpty())
                .count();
    if (a.string() != null && a.string().length() > MAX_ATTRIBUTE) {
      errors.add(FieldError.tooLong(path.child("string"), MAX_ATTRIBUTE));
    }
    if (a.version() != null) {
      if (!SEMVER.matcher(a.version()).matches()) {
        errors.add(
            FieldError.invalid(
                path.child("version"),
                a.version(),
                "must be a string compatible with semver.org spec 2.0.0"));
      }
      if (a.version().length() > MAX_ATTRIBUTE) {
        errors.add(FieldError.tooLong(path.child("version"), MAX_ATTRIBUTE));
      }
    }
    if (values != 1) {
      errors.add(FieldError.invalid(path, "", "exactly one value must be specified"));
    }
  }
}
