/** How many pods may be evicted now: the status of PodDisruptionBudgets. */
@NullMarked
package io.jurumudi.controllers.disruption;

import org.jspecify.annotations.NullMarked;
