/**
 * The container runtime interface: what the kubelet asks of a container engine. Names and meaning
 * are those of CRI v1 (k8s.io/cri-api, runtime.v1); values are records, absence is an empty string,
 * an empty list or a null that the component's annotation announces.
 */
@NullMarked
package io.jurumudi.cri;

import org.jspecify.annotations.NullMarked;
