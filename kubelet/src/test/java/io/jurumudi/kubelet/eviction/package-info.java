/** Tests of what happens when the node runs out of something. */
@NullMarked
package io.jurumudi.kubelet.eviction;

import org.jspecify.annotations.NullMarked;
