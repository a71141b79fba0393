/**
 * Exec, attach and port-forward on the server's side, over SPDY/3.1 and WebSocket: the protocols of
 * Kubernetes' streaming library, whose programs run against callbacks here.
 */
@NullMarked
package io.jurumudi.http.streaming;

import org.jspecify.annotations.NullMarked;
