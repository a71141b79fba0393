/** Images built from Dockerfiles. */
@NullMarked
package io.jurumudi.runtime.build;

import org.jspecify.annotations.NullMarked;
