/** Jobs made by the clock. */
@NullMarked
package io.jurumudi.controllers.cronjob;

import org.jspecify.annotations.NullMarked;
