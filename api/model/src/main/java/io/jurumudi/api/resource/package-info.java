/** Quantities such as {@code 500m} and {@code 1Gi}. */
@NullMarked
package io.jurumudi.api.resource;

import org.jspecify.annotations.NullMarked;
