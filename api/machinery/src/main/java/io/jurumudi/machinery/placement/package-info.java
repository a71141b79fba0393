/** Which nodes a pod may be on: node selectors, node affinity, taints and tolerations. */
@NullMarked
package io.jurumudi.machinery.placement;

import org.jspecify.annotations.NullMarked;
