/** Rolls pods from one template to the next through ReplicaSets. */
@NullMarked
package io.jurumudi.controllers.deployment;

import org.jspecify.annotations.NullMarked;
