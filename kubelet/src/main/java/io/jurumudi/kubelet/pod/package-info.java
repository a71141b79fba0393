/**
 * What the kubelet thinks about one pod: pure functions from a pod's specification and what the
 * engine shows to a plan ({@link io.jurumudi.kubelet.pod.PodPlanner}) and to a status ({@link
 * io.jurumudi.kubelet.pod.PodStatuses}). Nothing here acts, waits or reads a clock by itself.
 */
@NullMarked
package io.jurumudi.kubelet.pod;

import org.jspecify.annotations.NullMarked;
