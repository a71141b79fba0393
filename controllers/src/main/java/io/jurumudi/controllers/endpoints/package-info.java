/** EndpointSlices and Endpoints: which pods stand behind a Service. */
@NullMarked
package io.jurumudi.controllers.endpoints;

import org.jspecify.annotations.NullMarked;
