/**
 * Upstream's controllers, a package each. A controller is a pure decision from observed state to a
 * plan, and a small part that carries the plan out through the client.
 */
@NullMarked
package io.jurumudi.controllers;

import org.jspecify.annotations.NullMarked;
