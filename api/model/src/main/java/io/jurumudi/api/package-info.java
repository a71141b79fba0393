/** The Kubernetes API v1.36: its resources and the index of its types. */
@NullMarked
package io.jurumudi.api;

import org.jspecify.annotations.NullMarked;
