/** JSON of files on disk and of registries: plain trees, and records as trees. */
@NullMarked
package io.jurumudi.runtime.json;

import org.jspecify.annotations.NullMarked;
