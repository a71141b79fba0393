/**
 * The way to an API server for everything that is not one: typed requests, watches, caches of
 * objects, work queues and controllers.
 */
@NullMarked
package io.jurumudi.client;

import org.jspecify.annotations.NullMarked;
