@NullMarked
package io.jurumudi.linux;

import org.jspecify.annotations.NullMarked;
