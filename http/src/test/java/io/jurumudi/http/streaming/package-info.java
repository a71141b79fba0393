@NullMarked
package io.jurumudi.http.streaming;

import org.jspecify.annotations.NullMarked;
