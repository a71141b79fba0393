/** How much of a namespace's quotas is used. */
@NullMarked
package io.jurumudi.controllers.quota;

import org.jspecify.annotations.NullMarked;
