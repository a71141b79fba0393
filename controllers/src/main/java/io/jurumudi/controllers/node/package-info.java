/** Notices nodes that stopped reporting, taints them and evicts their pods. */
@NullMarked
package io.jurumudi.controllers.node;

import org.jspecify.annotations.NullMarked;
