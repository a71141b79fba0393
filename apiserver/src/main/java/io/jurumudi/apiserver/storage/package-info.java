/** Objects over the revisioned store: keys, bytes, versions, events. */
@NullMarked
package io.jurumudi.apiserver.storage;

import org.jspecify.annotations.NullMarked;
