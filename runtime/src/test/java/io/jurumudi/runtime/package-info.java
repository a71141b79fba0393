@NullMarked
package io.jurumudi.runtime;

import org.jspecify.annotations.NullMarked;
