/** How a node on this or another machine becomes part of a cluster. */
@NullMarked
package io.jurumudi.cluster.join;

import org.jspecify.annotations.NullMarked;
