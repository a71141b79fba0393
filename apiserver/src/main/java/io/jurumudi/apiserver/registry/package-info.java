/** What a resource is, and the generic verbs that every resource shares. */
@NullMarked
package io.jurumudi.apiserver.registry;

import org.jspecify.annotations.NullMarked;
