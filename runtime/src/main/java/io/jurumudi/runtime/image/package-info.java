/** Images: names, blobs, layers, registries and archives. */
@NullMarked
package io.jurumudi.runtime.image;

import org.jspecify.annotations.NullMarked;
