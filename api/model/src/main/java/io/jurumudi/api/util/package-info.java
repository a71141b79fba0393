/** Values with a JSON form of their own: bytes, raw JSON, int-or-string, durations. */
@NullMarked
package io.jurumudi.api.util;

import org.jspecify.annotations.NullMarked;
