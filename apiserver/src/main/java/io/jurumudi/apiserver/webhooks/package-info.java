/** Webhooks: programs elsewhere that are asked over HTTPS, and those that admission asks. */
@NullMarked
package io.jurumudi.apiserver.webhooks;

import org.jspecify.annotations.NullMarked;
