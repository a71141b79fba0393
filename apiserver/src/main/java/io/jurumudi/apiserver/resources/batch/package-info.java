/** The group batch. */
@NullMarked
package io.jurumudi.apiserver.resources.batch;

import org.jspecify.annotations.NullMarked;
