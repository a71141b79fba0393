/** Names of types and resources. */
@NullMarked
package io.jurumudi.api.meta;

import org.jspecify.annotations.NullMarked;
