/** Removes pods that nobody will ever finish. */
@NullMarked
package io.jurumudi.controllers.podgc;

import org.jspecify.annotations.NullMarked;
