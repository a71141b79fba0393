@NullMarked
package io.jurumudi.http.spdy;

import org.jspecify.annotations.NullMarked;
