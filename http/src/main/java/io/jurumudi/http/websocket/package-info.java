/** WebSocket (RFC 6455) over a connection's byte streams, both sides of it. */
@NullMarked
package io.jurumudi.http.websocket;

import org.jspecify.annotations.NullMarked;
