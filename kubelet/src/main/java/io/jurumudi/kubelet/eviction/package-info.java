/** What the kubelet does when its node runs out of memory, disk or process ids. */
@NullMarked
package io.jurumudi.kubelet.eviction;

import org.jspecify.annotations.NullMarked;
