/**
 * HTTP for servers of this house: TLS, HTTP/1.1 and 2, responses that stream, connections that
 * change their protocol; and the little client that a proxy needs. Nothing here knows Kubernetes'
 * objects.
 */
@NullMarked
package io.jurumudi.http;

import org.jspecify.annotations.NullMarked;
