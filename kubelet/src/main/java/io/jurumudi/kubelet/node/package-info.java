/** The node as the API shows it: registration, status, heartbeat, admission of pods. */
@NullMarked
package io.jurumudi.kubelet.node;

import org.jspecify.annotations.NullMarked;
