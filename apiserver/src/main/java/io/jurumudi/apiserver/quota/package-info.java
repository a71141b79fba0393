/** Quotas on what a namespace may hold and use. */
@NullMarked
package io.jurumudi.apiserver.quota;

import org.jspecify.annotations.NullMarked;
