/**
 * Finds a node for every pod that has none. Informers feed {@link SchedulerCache} (what runs where)
 * and the queue (what waits); one thread takes the most important pod, decides on an immutable
 * snapshot of the cache, assumes the decision, and leaves the binding to another thread.
 */
@NullMarked
package io.jurumudi.scheduler;

import org.jspecify.annotations.NullMarked;
