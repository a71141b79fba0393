@NullMarked
package io.jurumudi.runtime.image;

import org.jspecify.annotations.NullMarked;
