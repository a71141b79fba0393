/**
 * SPDY/3.1 as kubectl and the kubelet speak it: the frames of SPDY draft 3, several byte streams
 * over one connection, and no flow control, for their library sends no window updates and honours
 * none.
 */
@NullMarked
package io.jurumudi.http.spdy;

import org.jspecify.annotations.NullMarked;
