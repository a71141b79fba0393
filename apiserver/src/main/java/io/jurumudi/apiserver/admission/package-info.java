/** What stands between a well-formed write and the store. */
@NullMarked
package io.jurumudi.apiserver.admission;

import org.jspecify.annotations.NullMarked;
