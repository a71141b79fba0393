/**
 * One model for every API type: a {@link io.jurumudi.api.schema.Schema} says what fields a type
 * has, {@link io.jurumudi.api.schema.ObjectWriter} and {@link io.jurumudi.api.schema.ObjectReader}
 * say how a format moves them, and each generated record walks its own fields once for all formats.
 */
@NullMarked
package io.jurumudi.api.schema;

import org.jspecify.annotations.NullMarked;
