/** Tar archives as images use them: POSIX.1-2001 with extended attributes and GNU long names. */
@NullMarked
package io.jurumudi.runtime.tar;

import org.jspecify.annotations.NullMarked;
