package io.jurumudi.cri;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The security context of a container after the kubelet merged the pod's into it.
 *
 * @param runAsUser numeric user; null: from {@code runAsUsername}, else from the image
 * @param runAsGroup null: the user's primary group
 * @param addCapabilities names without CAP_; ALL for all
 * @param noNewPrivileges sets no_new_privs
 * @param supplementalGroupsStrict do not merge the image's /etc/group (SupplementalGroupsPolicy)
 */
public record ContainerSecurity(
    List<String> addCapabilities,
    List<String> dropCapabilities,
    boolean privileged,
    NamespaceOption namespaces,
    @Nullable Long runAsUser,
    @Nullable Long runAsGroup,
    String runAsUsername,
    boolean readonlyRootfs,
    List<Long> supplementalGroups,
    boolean supplementalGroupsStrict,
    boolean noNewPrivileges,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    SecurityProfile seccomp,
    SecurityProfile apparmor) {}
