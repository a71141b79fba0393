/**
 * The cluster's network on one node: names of what it makes on the machine, routes to the other
 * nodes, and the removal of everything. Pods' interfaces, services and names are in the packages
 * below; they know nothing of each other.
 */
@NullMarked
package io.jurumudi.network;

import org.jspecify.annotations.NullMarked;
