/**
 * The kubelet: runs the pods that are bound to its node, and tells the API server how they do.
 * {@link io.jurumudi.kubelet.Kubelet} puts the parts together.
 */
@NullMarked
package io.jurumudi.kubelet;

import org.jspecify.annotations.NullMarked;
