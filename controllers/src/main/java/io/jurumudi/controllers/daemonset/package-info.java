/** One pod of a template on every node that a DaemonSet selects. */
@NullMarked
package io.jurumudi.controllers.daemonset;

import org.jspecify.annotations.NullMarked;
