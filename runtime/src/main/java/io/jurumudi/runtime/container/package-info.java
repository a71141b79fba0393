/** Sandboxes and containers: crun and conmon, and what is known of them on disk. */
@NullMarked
package io.jurumudi.runtime.container;

import org.jspecify.annotations.NullMarked;
