/**
 * The little HTTP/1.1 client a proxy needs: a request a connection, headers as they are, upgrades,
 * blocking streams for virtual threads.
 */
@NullMarked
package io.jurumudi.http.client;

import org.jspecify.annotations.NullMarked;
