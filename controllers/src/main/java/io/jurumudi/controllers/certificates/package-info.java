/** Approves and signs the certificate requests of nodes that join. */
@NullMarked
package io.jurumudi.controllers.certificates;

import org.jspecify.annotations.NullMarked;
