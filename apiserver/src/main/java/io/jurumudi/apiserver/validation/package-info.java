/** Rules that an object must keep before it is stored. */
@NullMarked
package io.jurumudi.apiserver.validation;

import org.jspecify.annotations.NullMarked;
