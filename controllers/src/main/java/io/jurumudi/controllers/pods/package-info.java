/** What all controllers that own pods share. */
@NullMarked
package io.jurumudi.controllers.pods;

import org.jspecify.annotations.NullMarked;
