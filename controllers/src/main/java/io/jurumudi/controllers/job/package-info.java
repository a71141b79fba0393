/** Pods that run to their end: Jobs, and what becomes of finished ones. */
@NullMarked
package io.jurumudi.controllers.job;

import org.jspecify.annotations.NullMarked;
