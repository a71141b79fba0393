/** Writes the model's sources from facts about the published API. Runs at build time only. */
@NullMarked
package io.jurumudi.api.codegen;

import org.jspecify.annotations.NullMarked;
