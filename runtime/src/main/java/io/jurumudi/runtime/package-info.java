/** The container engine: images, layers, builds, sandboxes and containers behind one object. */
@NullMarked
package io.jurumudi.runtime;

import org.jspecify.annotations.NullMarked;
