/** OpenAPI documents, built from schemas when first asked for. */
@NullMarked
package io.jurumudi.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
