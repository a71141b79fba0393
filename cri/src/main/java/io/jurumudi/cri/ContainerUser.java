package io.jurumudi.cri;

import java.util.List;

/** Numeric identity of a container's first process. */
public record ContainerUser(long uid, long gid, List<Long> supplementalGroups) {}
