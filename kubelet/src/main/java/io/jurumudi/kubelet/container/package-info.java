/**
 * From a pod's specification to what the container engine is asked for: environment, command,
 * mounts, limits, security, DNS, names. All of it is computation; what must be read from elsewhere
 * comes in as {@link io.jurumudi.kubelet.container.PodObjects}.
 */
@NullMarked
package io.jurumudi.kubelet.container;

import org.jspecify.annotations.NullMarked;
