/** ControllerRevisions: the templates that a DaemonSet or StatefulSet has had. */
@NullMarked
package io.jurumudi.controllers.history;

import org.jspecify.annotations.NullMarked;
