/** What a cluster needs of the machine it runs on. */
@NullMarked
package io.jurumudi.cluster.host;

import org.jspecify.annotations.NullMarked;
