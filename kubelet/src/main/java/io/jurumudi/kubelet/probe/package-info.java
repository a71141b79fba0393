/** Probes of containers: asking, counting, and lifecycle hooks that ask the same way. */
@NullMarked
package io.jurumudi.kubelet.probe;

import org.jspecify.annotations.NullMarked;
