/** Keeps as many pods of a template as a ReplicaSet asks for. */
@NullMarked
package io.jurumudi.controllers.replicaset;

import org.jspecify.annotations.NullMarked;
