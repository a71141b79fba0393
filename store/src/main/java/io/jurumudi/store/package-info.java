/**
 * The revisioned key-value store under the API server: the interface, and the embedded store that
 * keeps it in an append-only log (or in memory only). The semantics are etcd's, so that a real etcd
 * can stand in its place.
 *
 * <p>{@link io.jurumudi.store.Store} is the manual. A write's way: {@code commit} → draft of the
 * next state → one log frame for the whole group → one sync → published to readers and watchers →
 * acknowledged.
 */
@NullMarked
package io.jurumudi.store;

import org.jspecify.annotations.NullMarked;
