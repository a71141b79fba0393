/** Pods with names, storage and an order. */
@NullMarked
package io.jurumudi.controllers.statefulset;

import org.jspecify.annotations.NullMarked;
