/** A cluster's certificate authority, its certificates and its signing keys. */
@NullMarked
package io.jurumudi.cluster.pki;

import org.jspecify.annotations.NullMarked;
