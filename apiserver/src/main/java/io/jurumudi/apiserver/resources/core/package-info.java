/** The core group. */
@NullMarked
package io.jurumudi.apiserver.resources.core;

import org.jspecify.annotations.NullMarked;
