/** Server-side apply: who owns which field, and what follows from it. */
@NullMarked
package io.jurumudi.machinery.apply;

import org.jspecify.annotations.NullMarked;
