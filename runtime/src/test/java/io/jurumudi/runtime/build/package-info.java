@NullMarked
package io.jurumudi.runtime.build;

import org.jspecify.annotations.NullMarked;
