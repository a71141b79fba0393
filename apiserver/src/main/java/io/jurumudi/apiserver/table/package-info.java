/** Server-side printing: rows and columns for each kind. */
@NullMarked
package io.jurumudi.apiserver.table;

import org.jspecify.annotations.NullMarked;
