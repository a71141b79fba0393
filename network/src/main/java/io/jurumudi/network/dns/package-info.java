/** The cluster's name server: services and pods from informers, everything else from upstream. */
@NullMarked
package io.jurumudi.network.dns;

import org.jspecify.annotations.NullMarked;
