@NullMarked
package io.jurumudi.store;

import org.jspecify.annotations.NullMarked;
