/** Versions of the API that are not stable, served where the server is asked to. */
@NullMarked
package io.jurumudi.apiserver.resources.prerelease;

import org.jspecify.annotations.NullMarked;
