/** What a client is told when a request fails: Status, its causes, and the paths in them. */
@NullMarked
package io.jurumudi.machinery.errors;

import org.jspecify.annotations.NullMarked;
