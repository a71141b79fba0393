/** The plugins of the default profile, each named as upstream names it. */
@NullMarked
package io.jurumudi.scheduler.plugins;

import org.jspecify.annotations.NullMarked;
