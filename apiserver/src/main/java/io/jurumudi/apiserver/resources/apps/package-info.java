/** The group apps. */
@NullMarked
package io.jurumudi.apiserver.resources.apps;

import org.jspecify.annotations.NullMarked;
