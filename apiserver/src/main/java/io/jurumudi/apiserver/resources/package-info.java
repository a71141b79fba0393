/** The resources that are served, and what is special about each kind. */
@NullMarked
package io.jurumudi.apiserver.resources;

import org.jspecify.annotations.NullMarked;
