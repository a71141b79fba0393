/** Deletes what lost its owners, and lets owners wait for their dependents. */
@NullMarked
package io.jurumudi.controllers.garbage;

import org.jspecify.annotations.NullMarked;
