/** Few system calls that neither Java nor the linux room has: file locks, packets, descriptors. */
@NullMarked
package io.jurumudi.runtime.kernel;

import org.jspecify.annotations.NullMarked;
