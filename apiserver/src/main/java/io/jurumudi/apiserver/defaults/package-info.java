/** What the server fills in where a client said nothing, as Kubernetes does. */
@NullMarked
package io.jurumudi.apiserver.defaults;

import org.jspecify.annotations.NullMarked;
