/**
 * The acting half of the kubelet: one {@link io.jurumudi.kubelet.worker.PodWorker} a pod, on a
 * virtual thread of its own, which sleeps until something concerns its pod and then carries out
 * what the pure half planned.
 */
@NullMarked
package io.jurumudi.kubelet.worker;

import org.jspecify.annotations.NullMarked;
