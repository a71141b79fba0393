/** Empties a namespace that is being deleted. */
@NullMarked
package io.jurumudi.controllers.namespace;

import org.jspecify.annotations.NullMarked;
