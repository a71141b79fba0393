/** The built-in pod network: a bridge, a veth pair a pod, addresses from the node's range. */
@NullMarked
package io.jurumudi.network.bridge;

import org.jspecify.annotations.NullMarked;
