/** The launcher's commands, a class each. */
@NullMarked
package io.jurumudi.cluster.command;

import org.jspecify.annotations.NullMarked;
