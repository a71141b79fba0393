/**
 * Volumes of pods: directories of the host that containers see. Configuration-like volumes are
 * written by {@link io.jurumudi.kubelet.volume.AtomicWriter} and follow their objects while the pod
 * runs.
 */
@NullMarked
package io.jurumudi.kubelet.volume;

import org.jspecify.annotations.NullMarked;
