/** Container logs in the CRI's format: reading, following, rotating. */
@NullMarked
package io.jurumudi.kubelet.log;

import org.jspecify.annotations.NullMarked;
