/** The pods that wait: active, backing off, or unschedulable until something changes. */
@NullMarked
package io.jurumudi.scheduler.queue;

import org.jspecify.annotations.NullMarked;
