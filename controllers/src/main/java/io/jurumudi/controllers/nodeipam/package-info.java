/** Gives every node its share of the pods' addresses. */
@NullMarked
package io.jurumudi.controllers.nodeipam;

import org.jspecify.annotations.NullMarked;
