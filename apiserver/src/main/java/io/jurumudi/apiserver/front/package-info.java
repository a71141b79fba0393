/** From bytes on a socket to calls, and from answers to bytes. */
@NullMarked
package io.jurumudi.apiserver.front;

import org.jspecify.annotations.NullMarked;
