/**
 * The composition root: certificates, addresses, wiring, and the commands of the launcher. Nothing
 * is decided here that a room could decide itself.
 */
@NullMarked
package io.jurumudi.cluster;

import org.jspecify.annotations.NullMarked;
