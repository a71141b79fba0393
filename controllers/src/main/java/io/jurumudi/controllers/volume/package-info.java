/** Persistent volumes and their claims: bound, protected while used, released. */
@NullMarked
package io.jurumudi.controllers.volume;

import org.jspecify.annotations.NullMarked;
