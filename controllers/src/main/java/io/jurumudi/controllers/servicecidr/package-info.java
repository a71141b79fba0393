/** Looks after the ranges of service addresses. */
@NullMarked
package io.jurumudi.controllers.servicecidr;

import org.jspecify.annotations.NullMarked;
