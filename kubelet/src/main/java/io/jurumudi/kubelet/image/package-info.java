/** Images of containers: pull policies, credentials, back-off. */
@NullMarked
package io.jurumudi.kubelet.image;

import org.jspecify.annotations.NullMarked;
