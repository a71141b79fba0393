/** The API server: front, pipeline, verbs, and what is served. */
@NullMarked
package io.jurumudi.apiserver;

import org.jspecify.annotations.NullMarked;
