package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.AppArmorProfile;
import io.jurumudi.api.core.v1.PodSecurityContext;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.SeccompProfile;
import io.jurumudi.api.core.v1.SecurityContext;
import io.jurumudi.api.core.v1.Sysctl;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules for the security contexts of pods and containers. */
final class SecurityValidation {
  private static final Set<String> PROFILES = Set.of("Localhost", "RuntimeDefault", "Unconfined");
  private static final int SYSCTL_MAX = 253;

  /** The longest path of a profile, PATH_MAX less one. */
  private static final int PROFILE_MAX = 4095;

  private static final String SYSCTL =
      "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
  private static final Pattern SYSCTL_PATTERN = Pattern.compile(SYSCTL);

  private SecurityValidation() {}

  static void container(
      @Nullable SecurityContext s, boolean hostUsers, FieldPath path, List<FieldError> errors) {
    if (s == null) {
      return;
    }
    id(s.runAsUser(), path.child("runAsUser"), errors);
    id(s.runAsGroup(), path.child("runAsGroup"), errors);
    String proc = s.procMount();
    if (proc != null) {
      Rules.among(proc, Set.of("Default", "Unmasked"), path.child("procMount"), errors);
      if (hostUsers && proc.equals("Unmasked")) {
        errors.add(
            FieldError.invalid(
                path.child("procMount"), proc, "`hostUsers` must be false to use `Unmasked`"));
      }
    }
    seccomp(s.seccompProfile(), path.child("seccompProfile"), errors);
    if (Boolean.FALSE.equals(s.allowPrivilegeEscalation())) {
      if (Boolean.TRUE.equals(s.privileged())) {
        errors.add(
            FieldError.invalid(
                path,
                Trees.fromMessage(s),
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
      }
      var capabilities = s.capabilities();
      if (capabilities != null && capabilities.add().contains("CAP_SYS_ADMIN")) {
        errors.add(
            FieldError.invalid(
                path,
                Trees.fromMessage(s),
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add`"
                    + " CAP_SYS_ADMIN"));
      }
    }
    appArmor(s.appArmorProfile(), path.child("appArmorProfile"), errors);
  }

  static void pod(PodSpec spec, FieldPath path, List<FieldError> errors) {
    PodSecurityContext s = spec.securityContext();
    if (spec.hostPID() && Boolean.TRUE.equals(spec.shareProcessNamespace())) {
      // The field lives in the security context of upstream's internal version.
      errors.add(
          FieldError.invalid(
              path.child("shareProcessNamespace"),
              true,
              "ShareProcessNamespace and HostPID cannot both be enabled"));
    }
    if (s == null) {
      return;
    }
    id(s.fsGroup(), path.child("fsGroup"), errors);
    id(s.runAsUser(), path.child("runAsUser"), errors);
    id(s.runAsGroup(), path.child("runAsGroup"), errors);
    for (int i = 0; i < s.supplementalGroups().size(); i++) {
      id(s.supplementalGroups().get(i), path.child("supplementalGroups").index(i), errors);
    }
    sysctls(spec, s.sysctls(), path.child("sysctls"), errors);
    Rules.amongIfSet(
        s.fsGroupChangePolicy(),
        Set.of("Always", "OnRootMismatch"),
        path.child("fsGroupChangePolicy"),
        errors);
    seccomp(s.seccompProfile(), path.child("seccompProfile"), errors);
    appArmor(s.appArmorProfile(), path.child("appArmorProfile"), errors);
    Rules.amongIfSet(
        s.supplementalGroupsPolicy(),
        Set.of("Merge", "Strict"),
        path.child("supplementalGroupsPolicy"),
        errors);
    Rules.amongIfSet(
        s.seLinuxChangePolicy(),
        Set.of("MountOption", "Recursive"),
        path.child("seLinuxChangePolicy"),
        errors);
  }

  private static void id(@Nullable Long id, FieldPath path, List<FieldError> errors) {
    if (id != null) {
      Rules.all(Names.isUserOrGroupId(id), id, path, errors);
    }
  }

  private static void sysctls(
      PodSpec spec, List<Sysctl> sysctls, FieldPath path, List<FieldError> errors) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < sysctls.size(); i++) {
      String name = sysctls.get(i).name();
      FieldPath at = path.index(i).child("name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (name.length() > SYSCTL_MAX || !SYSCTL_PATTERN.matcher(name).matches()) {
        errors.add(
            FieldError.invalid(
                at,
                name,
                "must have at most " + SYSCTL_MAX + " characters and match regex " + SYSCTL));
      } else if (seen.contains(name)) {
        errors.add(FieldError.duplicate(at, name));
      }
      seen.add(name);
      String dotted = name.replace('/', '.');
      if (spec.hostNetwork() && dotted.startsWith("net.")) {
        errors.add(FieldError.invalid(at, name, "may not be specified when 'hostNetwork' is true"));
      }
      if (spec.hostIPC() && isIpc(dotted)) {
        errors.add(FieldError.invalid(at, name, "may not be specified when 'hostIPC' is true"));
      }
    }
  }

  private static boolean isIpc(String sysctl) {
    return sysctl.equals("kernel.sem")
        || sysctl.startsWith("kernel.shm")
        || sysctl.startsWith("kernel.msg")
        || sysctl.startsWith("fs.mqueue.");
  }

  private static void seccomp(@Nullable SeccompProfile p, FieldPath path, List<FieldError> errors) {
    if (p == null) {
      return;
    }
    if (p.type().isEmpty()) {
      errors.add(
          FieldError.required(path.child("type"), "type is required when seccompProfile is set"));
    } else {
      Rules.among(p.type(), PROFILES, path.child("type"), errors);
    }
    FieldPath at = path.child("localhostProfile");
    if (p.type().equals("Localhost")) {
      if (p.localhostProfile() == null) {
        errors.add(FieldError.required(at, "must be set when seccomp type is Localhost"));
      } else {
        VolumeValidation.descending(p.localhostProfile(), at, errors);
      }
    } else if (p.localhostProfile() != null) {
      errors.add(
          FieldError.invalid(
              at, Trees.fromMessage(p), "can only be set when seccomp type is Localhost"));
    }
  }

  private static void appArmor(
      @Nullable AppArmorProfile p, FieldPath path, List<FieldError> errors) {
    if (p == null) {
      return;
    }
    FieldPath at = path.child("localhostProfile");
    String profile = p.localhostProfile();
    switch (p.type()) {
      case "Localhost" -> {
        if (profile == null) {
          errors.add(FieldError.required(at, "must be set when AppArmor type is Localhost"));
          return;
        }
        if (!profile.strip().equals(profile)) {
          errors.add(FieldError.invalid(at, profile, "must not be padded with whitespace"));
        } else if (profile.isEmpty()) {
          errors.add(FieldError.required(at, "must be set when AppArmor type is Localhost"));
        }
        if (profile.getBytes(StandardCharsets.UTF_8).length > PROFILE_MAX) {
          errors.add(FieldError.tooLong(at, PROFILE_MAX));
        }
      }
      case "RuntimeDefault", "Unconfined" -> {
        if (profile != null) {
          errors.add(
              FieldError.invalid(at, profile, "can only be set when AppArmor type is Localhost"));
        }
      }
      case "" ->
          errors.add(
              FieldError.required(
                  path.child("type"), "type is required when appArmorProfile is set"));
      default -> Rules.among(p.type(), PROFILES, path.child("type"), errors);
    }
  }
}
