/** The verbs, each written once for all resources. */
@NullMarked
package io.jurumudi.apiserver.verbs;

import org.jspecify.annotations.NullMarked;
