/**
 * The kernel: system calls, mounts, namespaces, cgroups, processes, netlink and nftables, called
 * directly through {@code java.lang.foreign}. {@link io.jurumudi.linux.Linux} is the way in.
 */
@NullMarked
package io.jurumudi.linux;

import org.jspecify.annotations.NullMarked;
