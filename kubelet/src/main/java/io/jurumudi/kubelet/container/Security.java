package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSecurityContext;
import io.jurumudi.api.core.v1.SecurityContext;
import io.jurumudi.cri.ContainerSecurity;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.kubelet.pod.Containers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pod's and the container's security context made one (pkg/securitycontext upstream). */
final class Security {
  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/sys/firmware",
          "/sys/devices/virtual/powercap");

  private static final List<String> READONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private Security() {}

  /**
   * @param targetId id of the container whose processes an ephemeral container shares; empty: none
   */
  static ContainerSecurity of(Pod pod, Container c, ImageInfo image, String targetId)
      throws ConfigException {
    PodSecurityContext p = pod.spec().securityContext();
    SecurityContext s = c.securityContext();
    p = p == null ? PodSecurityContext.EMPTY : p;
    s = s == null ? SecurityContext.EMPTY : s;
    Long user = s.runAsUser() != null ? s.runAsUser() : p.runAsUser();
    Long group = s.runAsGroup() != null ? s.runAsGroup() : p.runAsGroup();
    Boolean nonRoot = s.runAsNonRoot() != null ? s.runAsNonRoot() : p.runAsNonRoot();
    String imageUser = image.user().split(":", 2)[0];
    if (Boolean.TRUE.equals(nonRoot)) {
      verifyNonRoot(pod, c, user, imageUser);
    }
    boolean privileged = Boolean.TRUE.equals(s.privileged());
    List<Long> groups = new ArrayList<>();
    if (p.fsGroup() != null) {
      groups.add(p.fsGroup());
    }
    groups.addAll(p.supplementalGroups());
    boolean unmasked = "Unmasked".equals(s.procMount());
    var capabilities = s.capabilities();
    String userName = "";
    if (user == null && !imageUser.isEmpty()) {
      try {
        user = Long.parseLong(imageUser);
      } catch (NumberFormatException e) {
        userName = imageUser;
      }
    }
    return new ContainerSecurity(
        capabilities == null ? List.of() : capabilities.add(),
        capabilities == null ? List.of() : capabilities.drop(),
        privileged,
        namespaces(pod, targetId),
        user,
        group,
        userName,
        Boolean.TRUE.equals(s.readOnlyRootFilesystem()),
        List.copyOf(groups),
        "Strict".equals(p.supplementalGroupsPolicy()),
        // Only an explicit false says so: nil means that escalation is allowed.
        Boolean.FALSE.equals(s.allowPrivilegeEscalation()),
        unmasked || privileged ? List.of() : MASKED,
        unmasked || privileged ? List.of() : READONLY,
        seccomp(p, s, privileged),
        apparmor(p, s, privileged));
  }

  static NamespaceOption namespaces(Pod pod, String targetId) {
    NamespaceMode pid = NamespaceMode.CONTAINER;
    if (pod.spec().hostPID()) {
      pid = NamespaceMode.NODE;
    } else if (!targetId.isEmpty() && !Boolean.TRUE.equals(pod.spec().shareProcessNamespace())) {
      pid = NamespaceMode.TARGET;
    } else if (Boolean.TRUE.equals(pod.spec().shareProcessNamespace())) {
      pid = NamespaceMode.POD;
    }
    return new NamespaceOption(
        pod.spec().hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD,
        pid,
        pod.spec().hostIPC() ? NamespaceMode.NODE : NamespaceMode.POD,
        pid == NamespaceMode.TARGET ? targetId : "");
  }

  static boolean anyPrivileged(Pod pod) {
    return Containers.all(pod)
        .anyMatch(
            c ->
                c.securityContext() != null
                    && Boolean.TRUE.equals(c.securityContext().privileged()));
  }

  private static void verifyNonRoot(Pod pod, Container c, @Nullable Long user, String imageUser)
      throws ConfigException {
    String where =
        " (pod: \""
            + pod.metadata().name()
            + "_"
            + pod.metadata().namespace()
            + "("
            + pod.metadata().uid()
            + ")\", container: "
            + c.name()
            + ")";
    if (user != null) {
      if (user == 0) {
        throw new ConfigException("container's runAsUser breaks non-root policy" + where);
      }
      return;
    }
    if (imageUser.isEmpty() || imageUser.equals("0")) {
      throw new ConfigException("container has runAsNonRoot and image will run as root" + where);
    }
    if (!imageUser.chars().allMatch(Character::isDigit)) {
      throw new ConfigException(
          "container has runAsNonRoot and image has non-numeric user ("
              + imageUser
              + "), cannot verify user is non-root"
              + where);
    }
  }

  private static SecurityProfile seccomp(
      PodSecurityContext p, SecurityContext s, boolean privileged) {
    var profile = s.seccompProfile() != null ? s.seccompProfile() : p.seccompProfile();
    if (profile == null || privileged) {
      return new SecurityProfile(SecurityProfile.Type.UNCONFINED, "");
    }
    return profile(profile.type(), profile.localhostProfile());
  }

  private static SecurityProfile apparmor(
      PodSecurityContext p, SecurityContext s, boolean privileged) {
    var profile = s.appArmorProfile() != null ? s.appArmorProfile() : p.appArmorProfile();
    if (profile == null) {
      return new SecurityProfile(
          privileged ? SecurityProfile.Type.UNCONFINED : SecurityProfile.Type.RUNTIME_DEFAULT, "");
    }
    return profile(profile.type(), profile.localhostProfile());
  }

  private static SecurityProfile profile(String type, @Nullable String localhost) {
    return switch (type) {
      case "RuntimeDefault" -> new SecurityProfile(SecurityProfile.Type.RUNTIME_DEFAULT, "");
      case "Localhost" ->
          new SecurityProfile(SecurityProfile.Type.LOCALHOST, localhost == null ? "" : localhost);
      default -> new SecurityProfile(SecurityProfile.Type.UNCONFINED, "");
    };
  }
}
